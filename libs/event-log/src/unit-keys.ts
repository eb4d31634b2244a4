import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { UnitKey } from '@countersign/record';

/**
 * Where unit keys live: the organisation's key service, never the event database.
 * - `fresh` MUST hand out each key once, and only after the key service made it durable: a record sealed under a key that
 *   is lost afterwards is erased without an `Erased` record. It comes from a pre-fetched pool, so that appending needs no round trip.
 * - `get` leaves out keys that were destroyed or never were; callers MUST treat a missing key as withheld, never as permission to draw another.
 *
 * @throws DomainError DEPENDENCY_UNAVAILABLE
 */
export interface UnitKeyStore {
  fresh(): Promise<UnitKey>;
  /** By hex of the key id. */
  get(keyIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, KeyObject>>;
}

/** Unit keys of a test: kept in memory, and gone with it. */
export interface MemoryUnitKeys extends UnitKeyStore {
  /** Forgets a key, as the key service does on erasure. */
  destroy(keyId: Uint8Array): void;
}

/** A key store for tests. */
export function createMemoryUnitKeys(): MemoryUnitKeys {
  const keys = new Map<string, KeyObject>();
  return {
    fresh: () => {
      const unitKey = { keyId: randomBytes(16), key: createSecretKey(randomBytes(32)) };
      keys.set(unitKey.keyId.toString('hex'), unitKey.key);
      return Promise.resolve(unitKey);
    },
    get: (keyIds) => Promise.resolve(pick(keys, keyIds)),
    destroy: (keyId) => void keys.delete(Buffer.from(keyId).toString('hex')),
  };
}

function pick(keys: ReadonlyMap<string, KeyObject>, keyIds: readonly Uint8Array[]): Map<string, KeyObject> {
  const found = new Map<string, KeyObject>();
  for (const keyId of keyIds) {
    const hex = Buffer.from(keyId).toString('hex');
    const key = keys.get(hex);
    if (key) found.set(hex, key);
  }
  return found;
}
