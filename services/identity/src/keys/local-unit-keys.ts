import { createSecretKey, type KeyObject } from 'node:crypto';
import type { UnitKeyStore } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import { LIMITS } from '../config.js';
import { OWN_PRINCIPAL, type UnitKey, type UnitKeyVault } from './unit-key-vault.js';

/** Identity's own unit keys, and the vault they come from. */
export interface LocalUnitKeys extends UnitKeyStore {
  readonly vault: UnitKeyVault;
  close(): Promise<void>;
}

/** The vault is in the same process, so only drawing is pooled. */
export function createLocalUnitKeys(vault: UnitKeyVault, close: () => Promise<void>): LocalUnitKeys {
  const pool: UnitKey[] = [];
  let refilling: Promise<void> | undefined;
  const refill = (): Promise<void> => {
    refilling ??= vault
      .draw(LIMITS.ownKeysDrawn, OWN_PRINCIPAL)
      .then((keys) => void pool.push(...keys))
      .finally(() => (refilling = undefined));
    return refilling;
  };
  return {
    vault,
    close,
    fresh: async () => {
      for (;;) {
        const drawn = pool.pop();
        if (drawn !== undefined) return { keyId: drawn.keyId, key: createSecretKey(drawn.key) };
        await refill().catch((cause: unknown) => {
          throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'unit key vault' } }, { cause });
        });
      }
    },
    get: async (keyIds) => {
      if (keyIds.length === 0) return new Map();
      const { keys } = await vault.find(keyIds, OWN_PRINCIPAL);
      return new Map(keys.map(({ keyId, key }): [string, KeyObject] => [keyId.toString('hex'), createSecretKey(key)]));
    },
  };
}
