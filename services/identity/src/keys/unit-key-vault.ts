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
  /** @param drawnBy principal that seals with them; kept beside each key */
  draw(count: number, drawnBy: string): Promise<readonly UnitKey[]>;
  /** @param reader principal that asks; a key that is not his to read is unknown to him */
  find(keyIds: readonly Uint8Array[], reader: string): Promise<FoundUnitKeys>;
  /** Erases what the keys encrypted. Irreversible here; a restored backup has to apply it again. Returns how many were alive. */
  destroy(keyIds: readonly Uint8Array[]): Promise<number>;
}

/** Id under which identity itself draws keys, and signs in. */
export const OWN_PRINCIPAL = 'service-identity';

/** What identity's own log says of people is for identity to open: no other service needs it, so none is given its keys. */
export function mayReadKey(reader: string, drawnBy: string): boolean {
  return drawnBy !== OWN_PRINCIPAL || reader === OWN_PRINCIPAL;
}

const INSERT = `INSERT INTO unit_keys.unit_key (key_id, wrapped, drawn_by)
  SELECT key_id, wrapped, $3 FROM unnest($1::bytea[], $2::bytea[]) AS drawn (key_id, wrapped)`;
const FIND = 'SELECT key_id, wrapped, drawn_by FROM unit_keys.unit_key WHERE key_id = ANY($1::bytea[])';
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
    draw: async (count, drawnBy) => {
      const keys = freshKeys(count);
      const wrapped = await Promise.all(keys.map(({ keyId, key }) => masterKey.wrap(keyId, key)));
      // Once this resolves the keys are committed; a crash before leaves keys that nobody was given.
      await dataSource.query(INSERT, [keys.map(({ keyId }) => keyId), wrapped, drawnBy]);
      return keys;
    },
    find: async (keyIds, reader) => {
      const ids = keyIds.map((keyId) => Buffer.from(keyId));
      const rows: readonly StoredKey[] = await dataSource.query(FIND, [ids]);
      const readable = rows.filter((row) => mayReadKey(reader, row.drawn_by));
      return sort(ids, readable, masterKey);
    },
    destroy: async (keyIds) => {
      const [row]: readonly { readonly destroyed: number }[] = await dataSource.query(DESTROY, [
        keyIds.map((keyId) => Buffer.from(keyId)),
      ]);
      return row?.destroyed ?? 0;
    },
  };
}

/** Drawn in bulk: one question to the system for each key would cost more than wrapping it. */
function freshKeys(count: number): UnitKey[] {
  const size = KEY_ID_SIZE + UNIT_KEY_SIZE;
  const random = randomBytes(count * size);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return { keyId: random.subarray(at, at + KEY_ID_SIZE), key: random.subarray(at + KEY_ID_SIZE, at + size) };
  });
}

interface StoredKey {
  readonly key_id: Buffer;
  /** Null once the key is destroyed. */
  readonly wrapped: Buffer | null;
  /** Empty for keys from before it was kept. */
  readonly drawn_by: string;
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
