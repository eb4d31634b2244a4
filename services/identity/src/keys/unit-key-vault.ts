import { randomBytes } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { KEY_ID_SIZE, UNIT_KEY_SIZE } from '@countersign/record';
import type { DataSource } from 'typeorm';
import type { MasterKey } from './master-key.js';

/** A unit key as it is handed out. */
export interface UnitKey {
  readonly keyId: Buffer;
  readonly key: Buffer;
}

/** What became of the keys that were asked for. */
export interface FoundUnitKeys {
  readonly keys: readonly UnitKey[];
  readonly destroyed: readonly Buffer[];
  readonly unknown: readonly Buffer[];
}

/**
 * The store of unit keys (formats §3), in a database of its own with backups of its own.
 * - A key is durable before it is handed out; it is handed out once.
 * - A destroyed key stays known as destroyed for ever: it is told apart from one that never was, and its id is never used again.
 */
export interface UnitKeyVault {
  draw(count: number): Promise<readonly UnitKey[]>;
  find(keyIds: readonly Uint8Array[]): Promise<FoundUnitKeys>;
  /** Erases what the keys encrypted. Irreversible here; a restored backup has to apply it again. Returns how many were alive. */
  destroy(keyIds: readonly Uint8Array[]): Promise<number>;
}

const INSERT = 'INSERT INTO unit_keys.unit_key (key_id, wrapped) SELECT * FROM unnest($1::bytea[], $2::bytea[])';
const FIND = 'SELECT key_id, wrapped FROM unit_keys.unit_key WHERE key_id = ANY($1::bytea[])';
const DESTROY = 'SELECT unit_keys.destroy($1::bytea[]) AS destroyed';
const CLAIM = `INSERT INTO unit_keys.master_key (single, fingerprint) VALUES (true, $1) ON CONFLICT DO NOTHING`;
const FINGERPRINT = 'SELECT fingerprint FROM unit_keys.master_key';

/**
 * @param dataSource of the key database, as the app role
 * @throws DomainError LOG_MISMATCH if the stored keys were wrapped under another master key: new ones would be lost with it
 */
export async function openUnitKeyVault(dataSource: DataSource, masterKey: MasterKey): Promise<UnitKeyVault> {
  await dataSource.query(CLAIM, [masterKey.fingerprint]);
  const [stored]: readonly { readonly fingerprint: Buffer }[] = await dataSource.query(FINGERPRINT);
  if (stored === undefined || !stored.fingerprint.equals(masterKey.fingerprint)) {
    throw new DomainError('LOG_MISMATCH', { rule: 'the unit keys belong to another master key' });
  }
  return {
    draw: async (count) => {
      const keys = Array.from({ length: count }, () => ({ keyId: randomBytes(KEY_ID_SIZE), key: randomBytes(UNIT_KEY_SIZE) }));
      const wrapped = await Promise.all(keys.map(({ keyId, key }) => masterKey.wrap(keyId, key)));
      // Once this resolves the keys are committed; a crash before leaves keys that nobody was given.
      await dataSource.query(INSERT, [keys.map(({ keyId }) => keyId), wrapped]);
      return keys;
    },
    find: async (keyIds) => {
      const ids = keyIds.map((keyId) => Buffer.from(keyId));
      const rows: readonly StoredKey[] = await dataSource.query(FIND, [ids]);
      return sort(ids, rows, masterKey);
    },
    destroy: async (keyIds) => {
      const [row]: readonly { readonly destroyed: number }[] = await dataSource.query(DESTROY, [
        keyIds.map((keyId) => Buffer.from(keyId)),
      ]);
      return row?.destroyed ?? 0;
    },
  };
}

interface StoredKey {
  readonly key_id: Buffer;
  /** Null once the key is destroyed. */
  readonly wrapped: Buffer | null;
}

async function sort(ids: readonly Buffer[], rows: readonly StoredKey[], masterKey: MasterKey): Promise<FoundUnitKeys> {
  const known = new Set(rows.map((row) => row.key_id.toString('hex')));
  const keys = rows.map(async ({ key_id: keyId, wrapped }) =>
    wrapped === null ? undefined : { keyId, key: await masterKey.unwrap(keyId, wrapped) },
  );
  return {
    keys: (await Promise.all(keys)).filter((key) => key !== undefined),
    destroyed: rows.filter(({ wrapped }) => wrapped === null).map((row) => row.key_id),
    unknown: ids.filter((id) => !known.has(id.toString('hex'))),
  };
}
