import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogDataSource } from '@countersign/event-log';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import type { KnownLog } from '../log/known-log.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import { anchoringMigrations } from './migrations.js';
import { openStores } from './open-stores.js';
import { storesContract } from './stores-contract.js';

let database: TestDatabase;
let source: DataSource;

async function migrated(): Promise<void> {
  database = await createTestDatabase();
  const owner = createLogDataSource({
    url: database.ownerUrl,
    applicationName: 'test',
    migrations: anchoringMigrations({ appRole: database.appRole }),
  });
  await owner.initialize();
  await owner.runMigrations();
  await owner.destroy();
  source = await createLogDataSource({ url: database.appUrl, applicationName: 'test' }).initialize();
}

afterEach(async () => {
  await source?.destroy();
  await database?.drop();
});

storesContract('PostgreSQL', async (logs) => {
  await migrated();
  return openStores(source, logs);
});

describe('the anchoring database', () => {
  const { log } = sampleLog(0);
  beforeEach(async () => {
    await migrated();
    const stores = await openStores(source, [log]);
    const entries = sampleEntries(0, 5);
    await stores.leaves.receive(0, { firstPosition: 0, entries, signature: Buffer.alloc(64), message: Buffer.alloc(1) });
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
    const owner = await createLogDataSource({ url: database.ownerUrl, applicationName: 'test' }).initialize();
    try {
      for (const change of [
        'UPDATE anchoring.entry SET entry = entry',
        'DELETE FROM anchoring.entry',
        'UPDATE anchoring.checkpoint SET note = note',
        'DELETE FROM anchoring.tile',
        'TRUNCATE anchoring.confirmed_head',
        'DELETE FROM anchoring.bound_head',
        'DELETE FROM anchoring.log',
      ]) {
        await expect(owner.query(change)).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await owner.destroy();
    }
  });

  it('keeps the whole message that contradicts what is stored', async () => {
    const { leaves } = await openStores(source, [log]);
    const message = Buffer.from('the signed message');
    await leaves.receive(0, { firstPosition: 4, entries: sampleEntries(4, 5, 'x'), signature: Buffer.alloc(64), message });
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
