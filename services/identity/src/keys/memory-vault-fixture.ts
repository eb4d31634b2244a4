import { randomBytes } from 'node:crypto';
import { mayReadKey, type UnitKeyVault } from './unit-key-vault.js';

/** A vault in memory. */
export function createMemoryVault(): UnitKeyVault {
  const stored = new Map<string, { readonly key: Buffer | null; readonly drawnBy: string }>();
  const idOf = (keyId: Uint8Array): string => Buffer.from(keyId).toString('hex');
  return {
    draw: (count, drawnBy) => {
      const keys = Array.from({ length: count }, () => ({ keyId: randomBytes(16), key: randomBytes(32) }));
      keys.forEach(({ keyId, key }) => stored.set(idOf(keyId), { key, drawnBy }));
      return Promise.resolve(keys);
    },
    find: (keyIds, reader) => {
      const asked = keyIds.map((keyId) => Buffer.from(keyId));
      const known = (keyId: Buffer) => {
        const entry = stored.get(idOf(keyId));
        return entry === undefined || !mayReadKey(reader, entry.drawnBy) ? undefined : entry;
      };
      return Promise.resolve({
        keys: asked.flatMap((keyId) => {
          const key = known(keyId)?.key;
          return key ? [{ keyId, key }] : [];
        }),
        destroyed: asked.filter((keyId) => known(keyId)?.key === null),
        unknown: asked.filter((keyId) => known(keyId) === undefined),
      });
    },
    destroy: (keyIds) => {
      const alive = keyIds.map(idOf).filter((id) => stored.get(id)?.key);
      alive.forEach((id) => stored.set(id, { key: null, drawnBy: stored.get(id)?.drawnBy ?? '' }));
      return Promise.resolve(alive.length);
    },
  };
}
