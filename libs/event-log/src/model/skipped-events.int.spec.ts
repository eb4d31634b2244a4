import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import pg from 'pg';
import { submitBatch } from '../postgres/append-statement.js';
import { suiteLogs, type SuiteLogs } from '../postgres/log-fixture.js';
import { preparedCommand } from '../postgres/prepared-fixture.js';
import type { EventLog } from '../event-log.js';

/**
 * The ways in which readers of other event stores on PostgreSQL lost events, each with a control: a table numbered by a sequence and
 * the reader that was used there loses the event (or stalls, or turns two round), and the log and its plain cursor do not.
 */

const LIMIT_MS = 30_000;

let database: TestDatabase;
let foreign: TestDatabase;
let logs: SuiteLogs;
let log: EventLog;
let one: pg.Client;
let other: pg.Client;
let reader: pg.Client;
const opened: pg.Client[] = [];

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  opened.push(client);
  return client;
}

beforeAll(async () => {
  [database, foreign] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  logs = await suiteLogs(database);
  log = await logs.open();
  const superuser = await connect(database.superuserUrl);
  await superuser.query(
    `CREATE TABLE public.numbered (id bigserial PRIMARY KEY, name text NOT NULL, version int, xid xid8 NOT NULL DEFAULT pg_current_xact_id())`,
  );
  await superuser.query(`GRANT ALL ON public.numbered TO ${database.appRole}`);
  await superuser.query(`GRANT ALL ON SEQUENCE public.numbered_id_seq TO ${database.appRole}`);
  [one, other, reader] = await Promise.all([connect(database.appUrl), connect(database.appUrl), connect(database.appUrl)]);
}, 60_000);
afterAll(async () => {
  await Promise.all(opened.map((client) => client.end()));
  await logs.closeAll();
  await Promise.all([database.drop(), foreign.drop()]);
});

/** Where the log's reader begins, and what it has read since. */
let cursor: bigint;
let seen: string[];
/** The same for the reader of the control. */
let controlCursor: bigint;
let controlSeen: string[];
beforeEach(async () => {
  cursor = await log.size();
  seen = [];
  const { rows } = await reader.query<{ max: string }>('SELECT coalesce(max(id), 0) AS max FROM numbered');
  controlCursor = BigInt(rows[0]!.max);
  controlSeen = [];
});

/** Appends one event of a stream named so, in whatever transaction the session is in. */
const append = async (client: pg.Client, name: string, sequence = 0n) => {
  await client.query('SET search_path = pg_catalog, pg_temp');
  const outcomes = await submitBatch(client, [preparedCommand({ streamId: `parcel/${name}`, sequence })], 10_000);
  await client.query('RESET search_path');
  return outcomes;
};
const insert = (client: pg.Client, name: string) => client.query('INSERT INTO numbered (name) VALUES ($1)', [name]);

/** The log's reader: from a plain number on, until nothing comes. */
async function follow(): Promise<readonly string[]> {
  for (;;) {
    const rows = await log.readLog(cursor, 100);
    seen.push(...rows.map(({ streamId }) => streamId.replace('parcel/', '')));
    cursor += BigInt(rows.length);
    if (rows.length === 0) return seen;
  }
}

/** The naive reader: everything with a larger number than the last one seen. */
async function followNumbers(): Promise<readonly string[]> {
  const { rows } = await reader.query<{ id: string; name: string }>('SELECT id, name FROM numbered WHERE id > $1 ORDER BY id', [
    String(controlCursor),
  ]);
  controlSeen.push(...rows.map(({ name }) => name));
  controlCursor = BigInt(rows.at(-1)?.id ?? controlCursor);
  return controlSeen;
}

/** The usual guard: only what no open transaction can come before. */
async function followHorizon(): Promise<readonly string[]> {
  const { rows } = await reader.query<{ xid: string; name: string }>(
    `SELECT xid, name FROM numbered WHERE id > $1 AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id`,
    [String(controlCursor)],
  );
  return rows.map(({ name }) => name);
}

describe('A slow transaction that has the lower number', () => {
  // JasperFx/marten #1629, Eventuous/eventuous #222, commanded/eventstore #3, SQLStreamStore #121.
  it('control: a cursor over numbers never sees its event', async () => {
    await one.query('BEGIN');
    await insert(one, 'slow');
    await insert(other, 'fast');
    expect(await followNumbers()).toEqual(['fast']);
    await one.query('COMMIT');
    expect(await followNumbers()).toEqual(['fast']);
  });

  it('is seen first: the fast one waits for its position', async () => {
    await one.query('BEGIN');
    await append(one, 'slow');
    const fast = append(other, 'fast');
    expect(await follow()).toEqual([]);
    await one.query('COMMIT');
    await fast;
    expect(await follow()).toEqual(['slow', 'fast']);
  });
});

describe('A gap that is given up after a while', () => {
  // JasperFx/marten #2370 and pull #4977: a clock cannot tell a rolled-back transaction from a slow one.
  const insertBeside = async (): Promise<void> => {
    await one.query('BEGIN');
    await insert(one, 'still-running');
    await insert(other, 'after-the-gap');
  };

  it('control: whoever skips it by a clock loses the event of a transaction that was only slow', async () => {
    await insertBeside();
    const [gap] = (
      await other.query<{ id: string }>('SELECT id FROM numbered WHERE id > $1 ORDER BY id', [String(controlCursor)])
    ).rows;
    // The reader waits for `controlCursor + 1`, then takes it for rolled back and goes on behind it.
    expect(BigInt(gap!.id)).toBeGreaterThan(controlCursor + 1n);
    controlCursor = BigInt(gap!.id);
    await one.query('COMMIT');
    expect(await followNumbers()).toEqual([]);
  });

  it('does not come about: what is rolled back takes no position, so nobody has to guess', async () => {
    const size = await log.size();
    for (const end of ['ROLLBACK', 'COMMIT']) {
      await one.query('BEGIN');
      await append(one, `ended-by-${end}`);
      const beside = append(other, `beside-${end}`);
      await one.query(end);
      await beside;
    }
    expect(await follow()).toEqual(['beside-ROLLBACK', 'ended-by-COMMIT', 'beside-COMMIT']);
    expect(await log.size()).toBe(size + 3n);
  });
});

describe('A reader whose statements each see another moment', () => {
  // JasperFx/marten pull #4977, first mechanism: gap check and maximum come from two snapshots.
  it('control: what commits between the check and the maximum lies behind the mark', async () => {
    await one.query('BEGIN');
    await insert(one, 'in-flight');
    const [check] = (
      await reader.query<{ gaps: string }>(
        `SELECT count(*) AS gaps FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM numbered WHERE id > $1) n WHERE next - id > 1`,
        [String(controlCursor)],
      )
    ).rows;
    await insert(other, 'committed-between');
    const [mark] = (await reader.query<{ max: string }>('SELECT max(id) AS max FROM numbered')).rows;
    expect(check!.gaps).toBe('0');
    controlCursor = BigInt(mark!.max);
    await one.query('COMMIT');
    expect(await followNumbers()).toEqual([]);
  });

  it('has nothing to check: size and rows may be asked for in any order, at any moment', async () => {
    const before = await log.readLog(cursor, 100);
    await one.query('BEGIN');
    await append(one, 'in-flight');
    const between = append(other, 'committed-between');
    const size = await log.size();
    await one.query('COMMIT');
    await between;
    expect(before).toEqual([]);
    expect(size).toBe(cursor);
    expect(await follow()).toEqual(['in-flight', 'committed-between']);
  });
});

describe('A reader that starts on a hole', () => {
  // JasperFx/marten #4964 and pull #4972: gaps are looked for between visible rows, and before the first one there is none.
  const LEADING_GAP = `SELECT id FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM numbered WHERE id >= $1) n WHERE next - id > 1`;

  it('control: the gap right after its start is invisible, and the event in it is lost', async () => {
    await one.query('BEGIN');
    await insert(one, 'rolled-back');
    await one.query('ROLLBACK');
    controlCursor += 1n; // the mark stands on the number that was rolled back
    await one.query('BEGIN');
    await insert(one, 'in-the-gap');
    await insert(other, 'after-it');
    expect((await reader.query(LEADING_GAP, [String(controlCursor)])).rows).toEqual([]);
    const [mark] = (await reader.query<{ max: string }>('SELECT max(id) AS max FROM numbered')).rows;
    controlCursor = BigInt(mark!.max);
    await one.query('COMMIT');
    expect(await followNumbers()).toEqual([]);
  });

  it('starts on a record, for every position below the size is one', async () => {
    await one.query('BEGIN');
    await append(one, 'undone');
    await one.query('ROLLBACK');
    await one.query('BEGIN');
    await append(one, 'in-the-gap');
    const after = append(other, 'after-it');
    expect(await follow()).toEqual([]);
    await one.query('COMMIT');
    await after;
    expect(await follow()).toEqual(['in-the-gap', 'after-it']);
  });
});

describe('A catch-up to the last number that was handed out', () => {
  // JasperFx/marten pull #4977, second and third mechanism: a sequence tells what is reserved, not what is stored.
  it('control: the mark passes numbers whose transactions are still open', async () => {
    await one.query('BEGIN');
    await insert(one, 'reserved');
    const [sequence] = (await reader.query<{ last_value: string }>('SELECT last_value FROM numbered_id_seq')).rows;
    controlCursor = BigInt(sequence!.last_value);
    await one.query('COMMIT');
    expect(await followNumbers()).toEqual([]);
  });

  it('ends at the size, which is what is stored', async () => {
    await one.query('BEGIN');
    await append(one, 'reserved');
    const size = await log.size();
    expect(size).toBe(cursor);
    await one.query('COMMIT');
    expect(await follow()).toEqual(['reserved']);
    expect(await log.size()).toBe(size + 1n);
  });
});

describe('A transaction that had its id early', () => {
  it('control: order by transaction id turns two versions of one stream round', async () => {
    await one.query('BEGIN');
    await one.query('SELECT pg_current_xact_id()');
    await other.query(`INSERT INTO numbered (name, version) VALUES ('version-1', 1)`);
    await one.query(`INSERT INTO numbered (name, version) VALUES ('version-2', 2)`);
    await one.query('COMMIT');
    const read = await eventually(async () => {
      const names = await followHorizon();
      expect(names).toHaveLength(2);
      return names;
    });
    expect(read).toEqual(['version-2', 'version-1']);
  });

  it('gets the position of its append, not of its beginning', async () => {
    await one.query('BEGIN');
    await one.query('SELECT pg_current_xact_id()');
    await append(other, 'versioned', 0n);
    await append(one, 'versioned', 1n);
    await one.query('COMMIT');
    await follow();
    const rows = await log.readStreamRows('parcel/versioned');
    expect(rows.map(({ sequence }) => sequence)).toEqual([0n, 1n]);
    expect(rows[0]!.position).toBeLessThan(rows[1]!.position);
  });
});

describe('A transaction that stays open for long, in this database or in another one of the cluster', () => {
  it.each(['this', 'another'] as const)(
    'control: in %s database, it holds back everything that the horizon lets through',
    async (where) => {
      const idle = await connect(where === 'this' ? database.appUrl : foreign.ownerUrl);
      await idle.query('BEGIN');
      await idle.query('SELECT pg_current_xact_id()');
      await insert(other, `held-back-by-${where}`);
      const [snapshot] = (
        await reader.query<{ held: boolean }>(
          `SELECT bool_and(xid >= pg_snapshot_xmin(pg_current_snapshot())) AS held FROM numbered WHERE name = $1`,
          [`held-back-by-${where}`],
        )
      ).rows;
      expect(snapshot!.held).toBe(true);
      expect(await followHorizon()).toEqual([]);
      await idle.query('ROLLBACK');
      await eventually(async () => expect(await followHorizon()).toEqual([`held-back-by-${where}`]));
    },
    LIMIT_MS,
  );

  it.each(['this', 'another'] as const)(
    'holds nothing back: in %s database, what is appended meanwhile is seen at once',
    async (where) => {
      const idle = await connect(where === 'this' ? database.appUrl : foreign.ownerUrl);
      await idle.query('BEGIN');
      await idle.query('SELECT pg_current_xact_id()');
      await append(other, `beside-${where}`);
      expect(await follow()).toEqual([`beside-${where}`]);
      await idle.query('ROLLBACK');
    },
    LIMIT_MS,
  );
});
