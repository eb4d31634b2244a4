import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogDataSource } from '@countersign/event-log';
import { runMigrations } from '@countersign/host';
import { codeOf, createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import { unitKeyMigrations } from '../storage/identity-migrations.js';
import { createLocalUnitKeys } from './local-unit-keys.js';
import { createFileMasterKey } from './master-key.js';
import { openUnitKeyVault, OWN_PRINCIPAL, type UnitKeyVault } from './unit-key-vault.js';

const READER = 'service-inventory';
const masterKey = createFileMasterKey(randomBytes(32));
let database: TestDatabase;
let app: DataSource;
let owner: DataSource;
let vault: UnitKeyVault;

beforeAll(async () => {
  database = await createTestDatabase();
  const migrations = unitKeyMigrations(database.appRole);
  await runMigrations({ ownerUrl: database.ownerUrl, appRole: database.appRole, migrations, eventLog: false });
  app = await createLogDataSource({ url: database.appUrl, applicationName: 'vault-test' }).initialize();
  owner = await createLogDataSource({ url: database.ownerUrl, applicationName: 'vault-test-owner' }).initialize();
  vault = await openUnitKeyVault(app, masterKey);
});
afterAll(async () => {
  await app.destroy();
  await owner.destroy();
  await database.drop();
});

const hex = (keys: readonly Uint8Array[]): string[] => keys.map((key) => Buffer.from(key).toString('hex')).sort();

describe('the vault of unit keys', () => {
  it('hands out each key once, and finds it again also after a restart', async () => {
    const drawn = [...(await vault.draw(3, READER)), ...(await vault.draw(2, READER))];
    expect(new Set(hex(drawn.map(({ keyId }) => keyId))).size).toBe(5);
    const restarted = await openUnitKeyVault(app, masterKey);
    const { keys, destroyed, unknown } = await restarted.find(
      drawn.map(({ keyId }) => keyId),
      READER,
    );
    const byId = new Map(keys.map(({ keyId, key }) => [keyId.toString('hex'), key]));
    for (const { keyId, key } of drawn) expect(byId.get(keyId.toString('hex'))).toEqual(key);
    expect([...destroyed, ...unknown]).toEqual([]);
  });

  it('draws 5,000 keys at once', async () => {
    expect(await vault.draw(5_000, READER)).toHaveLength(5_000);
  });

  it('keeps no key in the clear', async () => {
    const [drawn] = await vault.draw(1, READER);
    const [row]: readonly { readonly wrapped: Buffer }[] = await app.query(
      'SELECT wrapped FROM unit_keys.unit_key WHERE key_id = $1',
      [drawn?.keyId],
    );
    expect(row?.wrapped.includes(drawn!.key)).toBe(false);
  });

  it('tells destroyed keys from keys that never were', async () => {
    const [alive, gone] = await vault.draw(2, READER);
    const never = randomBytes(16);
    expect(await vault.destroy([gone!.keyId, never])).toBe(1);
    expect(await vault.destroy([gone!.keyId])).toBe(0);
    const { keys, destroyed, unknown } = await vault.find([alive!.keyId, gone!.keyId, never], READER);
    expect([hex(keys.map(({ keyId }) => keyId)), hex(destroyed), hex(unknown)]).toEqual([
      hex([alive!.keyId]),
      hex([gone!.keyId]),
      hex([never]),
    ]);
  });

  it('gives the keys of identity’s own log to identity only', async () => {
    const [own, destroyed] = await vault.draw(2, OWN_PRINCIPAL);
    await vault.destroy([destroyed!.keyId]);
    const asked = [own!.keyId, destroyed!.keyId];
    expect((await vault.find(asked, OWN_PRINCIPAL)).keys).toEqual([own]);
    const { keys, destroyed: gone, unknown } = await vault.find(asked, READER);
    expect([keys, gone, hex(unknown)]).toEqual([[], [], hex(asked)]);
  });

  it('never makes a destroyed key again, whoever tries', async () => {
    const [gone] = await vault.draw(1, READER);
    await vault.destroy([gone!.keyId]);
    const wrapped = await masterKey.wrap(gone!.keyId, gone!.key);
    const insert = 'INSERT INTO unit_keys.unit_key (key_id, wrapped) VALUES ($1, $2)';
    await expect(app.query(insert, [gone!.keyId, wrapped])).rejects.toMatchObject({ code: '23505' });
    const revive = 'UPDATE unit_keys.unit_key SET wrapped = $2, destroyed_at = NULL WHERE key_id = $1';
    for (const source of [app, owner])
      await expect(source.query(revive, [gone!.keyId, wrapped])).rejects.toMatchObject({ code: '42501' });
    await expect(owner.query('DELETE FROM unit_keys.unit_key WHERE key_id = $1', [gone!.keyId])).rejects.toMatchObject({
      code: '42501',
    });
    await expect(owner.query('TRUNCATE unit_keys.unit_key')).rejects.toMatchObject({ code: '42501' });
  });

  it('notices a key that was moved to another row', async () => {
    const [one, other] = await vault.draw(2, READER);
    await owner.query('ALTER TABLE unit_keys.unit_key DISABLE TRIGGER unit_key_kept');
    await owner.query(
      'UPDATE unit_keys.unit_key SET wrapped = (SELECT wrapped FROM unit_keys.unit_key WHERE key_id = $2) WHERE key_id = $1',
      [one!.keyId, other!.keyId],
    );
    await owner.query('ALTER TABLE unit_keys.unit_key ENABLE ALWAYS TRIGGER unit_key_kept');
    expect(await codeOf(() => vault.find([one!.keyId], READER))).toBe('RECORD_ALTERED');
    expect((await vault.find([other!.keyId], READER)).keys).toHaveLength(1);
  });

  it('does not open under another master key', async () => {
    expect(await codeOf(() => openUnitKeyVault(app, createFileMasterKey(randomBytes(32))))).toBe('LOG_MISMATCH');
  });

  it('serves identity’s own log from a pool, without handing a key out twice', async () => {
    const store = createLocalUnitKeys(vault, () => Promise.resolve());
    const fresh = await Promise.all(Array.from({ length: 450 }, () => store.fresh()));
    expect(new Set(hex(fresh.map(({ keyId }) => keyId))).size).toBe(450);
    const found = await store.get([fresh[0]!.keyId, randomBytes(16)]);
    expect([...found.values()].map((key) => key.export())).toEqual([fresh[0]!.key.export()]);
    expect((await store.get([])).size).toBe(0);
  });
});
