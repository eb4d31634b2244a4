import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { StoredEvents } from './stored-events.js';

const SERVER = process.env['COUNTERSIGN_TEST_POSTGRES_URL'] ?? '';
const DATABASE = `drill_${randomBytes(6).toString('hex')}`;
const PLACE = { position: 7, byte: 2 };

const url = new URL(SERVER);
url.pathname = `/${DATABASE}`;
let folder: string;
let note: string;

async function query(address: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function stored(): Promise<string> {
  const rows = await query(url.href, "select encode(header, 'escape') as header from event_log.event where position = 7");
  return String(rows[0]?.['header']);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-drill-'));
  note = path.join(folder, 'note.json');
  await query(SERVER, `create database ${DATABASE}`);
  await query(
    url.href,
    `create schema event_log;
     create table event_log.event (position bigint primary key, header bytea);
     insert into event_log.event values (7, 'abcd');
     create function event_log.refuse() returns trigger language plpgsql as $$ begin raise 'append only'; end $$;
     create trigger event_append_only before update on event_log.event for each row execute function event_log.refuse();
     alter table event_log.event enable always trigger event_append_only`,
  );
});

afterAll(async () => {
  await query(SERVER, `drop database if exists ${DATABASE} with (force)`);
  rmSync(folder, { recursive: true, force: true });
});

describe('a stored event in a drill', () => {
  const events = (): StoredEvents => new StoredEvents(url.href, note);

  it('is changed past the trigger while the work lasts, and restored with the trigger in force', async () => {
    expect(await events().whileChanged(PLACE, stored)).toBe('abbd');
    expect(await stored()).toBe('abcd');
    expect(existsSync(note)).toBe(false);
    await expect(query(url.href, 'update event_log.event set position = 8')).rejects.toThrow('append only');
  });

  it('is restored when the work fails', async () => {
    const work = (): Promise<never> => Promise.reject(new Error('no answer'));
    await expect(events().whileChanged(PLACE, work)).rejects.toThrow('no answer');
    expect(await stored()).toBe('abcd');
  });

  it('is restored by the next start when the drill was killed before, while or after it was changed', async () => {
    const kept = path.join(folder, 'kept.json');
    await events().whileChanged(PLACE, () => Promise.resolve(copyFileSync(note, kept)));
    expect(await events().undo()).toBe(false);
    copyFileSync(kept, note);
    expect(await events().undo()).toBe(true);
    expect(await stored()).toBe('abcd');
    await events().whileChanged(PLACE, async () => {
      expect(await stored()).toBe('abbd');
      expect(await events().undo()).toBe(true);
      expect(await stored()).toBe('abcd');
      copyFileSync(kept, note);
    });
    expect(await stored()).toBe('abcd');
  });
});
