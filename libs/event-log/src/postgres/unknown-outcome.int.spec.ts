import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codeOf, createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import type { EventLog } from '../event-log.js';
import { envelopeOf, packed, PARCEL, taken } from '../parcel-fixture.js';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy-fixture.js';
import { suiteLogs, type SuiteLogs } from './log-fixture.js';

const APPEND = 'event-log-append';

let database: TestDatabase;
let logs: SuiteLogs;
let proxy: CuttingProxy;
let log: EventLog;
let superuser: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  proxy = await startCuttingProxy(database.appUrl);
  log = await logs.open({ url: proxy.url });
  superuser = await logs.connect(database.superuserUrl);
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await proxy.close();
  await database.drop();
});

const pack = (key: string, envelope = envelopeOf()) =>
  log.journal.execute(envelope, async (unit) => {
    (await unit.open(PARCEL, key)).append(packed({ contents: 'tools' }), taken(1));
    return key;
  });

async function requireRecordedOnce(key: string): Promise<void> {
  expect(await log.readStreamRows(`parcel/${key}`)).toHaveLength(2);
  expect(await log.journal.read(PARCEL, key)).toMatchObject({ pieces: 9 });
}

describe('An append whose answer is lost', () => {
  it.each(['before-the-server', 'before-the-answer'] as const)(
    'cut %s: is recorded once, and says so as if nothing had happened',
    async (cut) => {
      await pack(`prepare-${cut}`);
      const before = proxy.cuts();
      proxy.cutOnce(APPEND, cut);
      const envelope = envelopeOf();
      const outcome = await pack(cut, envelope);
      expect(proxy.cuts()).toBe(before + 1);
      expect(outcome).toMatchObject({ result: cut, replayed: false });
      expect(outcome.recorded.map(({ position }) => position)).toEqual(
        (await log.readStreamRows(`parcel/${cut}`)).map(({ position }) => position),
      );
      await requireRecordedOnce(cut);
      expect(await pack(cut, envelope)).toEqual({ ...outcome, replayed: true });
    },
  );

  it('of a whole batch: every command is recorded once', async () => {
    proxy.cutOnce(APPEND, 'before-the-answer');
    const keys = Array.from({ length: 20 }, (_, index) => `batch-${index}`);
    const outcomes = await Promise.all(keys.map((key) => pack(key)));
    expect(outcomes.every(({ replayed }) => !replayed)).toBe(true);
    for (const key of keys) await requireRecordedOnce(key);
  });

  it('because its backend was ended while it waited for the lock: is recorded once', async () => {
    const holder = superuser.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM event_log.log_head FOR UPDATE');
    const packing = pack('ended');
    await eventually(async () => {
      const ended: unknown[] = await superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock' AND query LIKE '%event_log.append%' AND pid <> pg_backend_pid()`,
        [database.name],
      );
      expect(ended).toHaveLength(1);
    });
    await holder.commitTransaction();
    await holder.release();
    expect((await packing).replayed).toBe(false);
    await requireRecordedOnce('ended');
  });

  it('and cannot be found out in time: the caller is told to repeat, and the repeat finds what was stored', async () => {
    const impatient = await logs.open({ url: proxy.url, limits: { unknownOutcomeMs: 0 } });
    const envelope = envelopeOf();
    const packOn = () =>
      impatient.journal.execute(envelope, async (unit) => (await unit.open(PARCEL, 'told')).append(packed(), taken(1)));
    proxy.cutOnce(APPEND, 'before-the-answer');
    expect(await codeOf(packOn)).toBe('DEPENDENCY_UNAVAILABLE');
    // The lost statement may still run: whichever is second under the head's lock finds the other's rows.
    expect((await packOn()).recorded).toHaveLength(2);
    await requireRecordedOnce('told');
  });
});

describe('An append that does not answer', () => {
  it('is given up without a trace in the next one, and found when it was stored after all', async () => {
    const impatient = await logs.open({ limits: { statementMs: 100, unknownOutcomeMs: 0 } });
    const holder = superuser.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM event_log.log_head FOR UPDATE');
    const envelope = envelopeOf();
    const packOn = () =>
      impatient.journal.execute(envelope, async (unit) => (await unit.open(PARCEL, 'silent')).append(packed(), taken(1)));
    expect(await codeOf(packOn)).toBe('DEPENDENCY_UNAVAILABLE');
    await holder.commitTransaction();
    await holder.release();
    expect((await packOn()).recorded).toHaveLength(2);
    await requireRecordedOnce('silent');
  });
});

describe('A database that refuses', () => {
  it('because it is read-only: DEPENDENCY_UNAVAILABLE, nothing stored, and it goes on afterwards', async () => {
    await superuser.query(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
    const readOnly = await logs.open();
    const attempt = () =>
      readOnly.journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'read-only')).append(packed()));
    expect(await codeOf(attempt)).toBe('DEPENDENCY_UNAVAILABLE');
    await superuser.query(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`);
    expect(await log.readStreamRows('parcel/read-only')).toEqual([]);
    await pack('after-read-only');
  });

  it('because it is gone: DEPENDENCY_UNAVAILABLE', async () => {
    const own = await startCuttingProxy(database.appUrl);
    const cutOff = await logs.open({ url: own.url });
    await own.close();
    expect(await codeOf(() => cutOff.journal.execute(envelopeOf(), () => Promise.resolve()))).toBe('DEPENDENCY_UNAVAILABLE');
    expect(await codeOf(() => cutOff.size())).toBe('DEPENDENCY_UNAVAILABLE');
  });
});
