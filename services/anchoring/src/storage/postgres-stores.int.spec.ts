import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogDataSource } from '@countersign/event-log';
import { parseLeavesMessage } from '@countersign/record';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import type { KnownLog } from '../log/known-log.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import { headsContract } from './heads-contract.js';
import { anchoringMigrations } from './migrations.js';
import { openStores } from './open-stores.js';
import { storesContract } from './stores-contract.js';

let database: TestDatabase;
let owner: DataSource;
let source: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const migrations = anchoringMigrations({ appRole: database.appRole });
  owner = await createLogDataSource({ url: database.ownerUrl, applicationName: 'test', migrations }).initialize();
  source = await createLogDataSource({ url: database.appUrl, applicationName: 'test' }).initialize();
}, 30_000);
afterAll(async () => {
  await source?.destroy();
  await owner?.destroy();
  await database?.drop();
});

/** Begins anew: nothing in these tables can be deleted. */
async function migrated(): Promise<void> {
  await owner.query('DROP SCHEMA IF EXISTS anchoring CASCADE');
  await owner.query('DROP TABLE IF EXISTS schema_migration');
  await owner.runMigrations();
}

const openMigrated = async (logs: readonly KnownLog[]): ReturnType<typeof openStores> => {
  await migrated();
  return openStores(source, logs);
};
storesContract('PostgreSQL', openMigrated);
headsContract('PostgreSQL', openMigrated);

describe('the anchoring database', () => {
  const sample = sampleLog(0);
  const { log } = sample;
  beforeEach(async () => {
    await migrated();
    const stores = await openStores(source, [log]);
    const entries = sampleEntries(0, 5);
    await stores.leaves.receive(0, [{ firstPosition: 0, entries, signature: Buffer.alloc(64) }]);
    await stores.trees.advance(0, 0, { size: 5, root: Buffer.alloc(32), note: 'n' }, [
      { level: 0, index: 0, hashes: Buffer.alloc(160) },
    ]);
  });

  it.each([
    'log',
    'entry',
    'leaves_message',
    'conflict',
    'checkpoint',
    'tile',
    'bound_head',
    'broadcast',
    'broadcast_head',
    'confirmed_head',
    'heads_entry',
    'item_link',
    'map_page',
  ])('lets the service read %s and change it through functions only', async (table) => {
    await expect(source.query(`SELECT * FROM anchoring.${table}`)).resolves.toBeDefined();
    for (const change of [
      `DELETE FROM anchoring.${table}`,
      `TRUNCATE anchoring.${table} CASCADE`,
      `INSERT INTO anchoring.${table} DEFAULT VALUES`,
    ]) {
      await expect(source.query(change)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(
      source.query(`UPDATE anchoring.${table} SET ${table === 'log' ? 'size = 0' : 'log_id = log_id'}`),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^42(501|703)$/),
    });
  });

  it('lets not even the owner change or remove evidence', async () => {
    for (const change of [
      'UPDATE anchoring.entry SET entry = entry',
      'DELETE FROM anchoring.entry',
      'UPDATE anchoring.checkpoint SET note = note',
      'DELETE FROM anchoring.tile',
      'TRUNCATE anchoring.confirmed_head',
      'DELETE FROM anchoring.bound_head',
      'DELETE FROM anchoring.log',
      'UPDATE anchoring.heads_entry SET entry = entry',
      'DELETE FROM anchoring.item_link',
      'UPDATE anchoring.map_page SET content = content',
    ]) {
      await expect(owner.query(change)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('keeps the whole message that contradicts what is stored', async () => {
    const { leaves } = await openStores(source, [log]);
    const message = sample.message(4, sampleEntries(4, 7, 'x'));
    const { entries, signature } = parseLeavesMessage(message);
    await leaves.receive(0, [{ firstPosition: 4, entries, signature }]);
    const rows: unknown = await source.query('SELECT position, stored_entry, message FROM anchoring.conflict');
    expect(rows).toEqual([{ position: '4', stored_entry: sampleEntries(4, 5)[0], message }]);
  });

  it('signs no head above what was received', async () => {
    const { trees } = await openStores(source, [log]);
    await expect(trees.advance(0, 5, { size: 6, root: Buffer.alloc(32), note: 'n' }, [])).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
    });
  });

  it('refuses another log under a number or id that is taken', async () => {
    const foreign = sampleLog(0).log;
    const renumbered: KnownLog = { ...log, logNo: 1 };
    for (const logs of [[foreign], [renumbered]])
      await expect(openStores(source, logs)).rejects.toMatchObject({ code: 'LOG_MISMATCH' });
    await openStores(source, [log]);
  });
});
