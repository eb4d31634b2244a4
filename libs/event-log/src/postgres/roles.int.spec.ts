import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import { suiteLogs, type SuiteLogs } from './log-fixture.js';

let database: TestDatabase;
let logs: SuiteLogs;
let app: DataSource;
let owner: DataSource;
let superuser: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  await logs.open();
  app = await logs.connect(database.appUrl);
  owner = await logs.connect(database.ownerUrl);
  superuser = await logs.connect(database.superuserUrl);
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await database.drop();
});

const DENIED = { code: '42501' };
const TABLES = ['log_head', 'event', 'stream', 'command', 'inbox', 'inbox_subject', 'stream_link', 'relay_cursor'];

describe('The app role', () => {
  it.each(TABLES)('reads %s and changes nothing there', async (table) => {
    await app.query(`SELECT * FROM event_log.${table} LIMIT 1`);
    await expect(app.query(`INSERT INTO event_log.${table} SELECT * FROM event_log.${table}`)).rejects.toMatchObject(DENIED);
    await expect(app.query(`DELETE FROM event_log.${table}`)).rejects.toMatchObject(DENIED);
    await expect(app.query(`TRUNCATE event_log.${table}`)).rejects.toMatchObject(DENIED);
    const [{ column_name: column }] = await owner.query(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'event_log' AND table_name = $1 LIMIT 1`,
      [table],
    );
    await expect(app.query(`UPDATE event_log.${table} SET "${column}" = "${column}"`)).rejects.toMatchObject(DENIED);
    await expect(app.query(`SELECT * FROM event_log.${table} FOR UPDATE`)).rejects.toMatchObject(DENIED);
  });

  it('cannot make anything in the schema, nor take its triggers away', async () => {
    await expect(app.query('CREATE TABLE event_log.mine (a int)')).rejects.toMatchObject(DENIED);
    await expect(app.query('ALTER TABLE event_log.event DISABLE TRIGGER ALL')).rejects.toMatchObject(DENIED);
    await expect(app.query(`SET session_replication_role = replica`)).rejects.toMatchObject(DENIED);
    await expect(app.query('DROP FUNCTION event_log.refuse_change()')).rejects.toMatchObject(DENIED);
  });
});

describe('Events', () => {
  const changes = [
    `UPDATE event_log.event SET type = type`,
    `DELETE FROM event_log.event WHERE position = 0`,
    `TRUNCATE event_log.event`,
  ];

  it.each(changes)('are kept from the owner: %s', async (change) => {
    await expect(owner.query(change)).rejects.toMatchObject(DENIED);
  });

  it.each(changes)('are kept from a superuser who plays replica: %s', async (change) => {
    const runner = superuser.createQueryRunner();
    await runner.query('SET session_replication_role = replica');
    await expect(runner.query(change)).rejects.toMatchObject(DENIED);
    await runner.query('RESET session_replication_role');
    await runner.release();
  });
});

describe('The functions', () => {
  it('run with a search path that callers cannot bend, and are closed to everybody else', async () => {
    const rows: { name: string; config: string[]; definer: boolean; open: boolean }[] = await owner.query(`
      SELECT p.proname AS name, p.proconfig AS config, p.prosecdef AS definer, has_function_privilege('public', p.oid, 'execute') AS open
      FROM pg_proc p WHERE p.pronamespace = 'event_log'::regnamespace`);
    expect(rows.map(({ name }) => name).sort()).toEqual([
      'append',
      'append_each',
      'append_fresh',
      'append_one',
      'refuse_change',
      'relay_advance',
      'relay_lead',
      'relay_release',
    ]);
    for (const { config, definer, open, name } of rows) {
      // The appends do not set the path, for its cost; they refuse every other one (append.int.spec).
      if (!name.startsWith('append')) expect(config).toContain('search_path=pg_catalog, pg_temp');
      expect(open).toBe(false);
      expect(definer).toBe(name !== 'refuse_change');
    }
  });
});
