import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, eventually, type TestDatabase } from '@countersign/testing';
import type { DataSource } from 'typeorm';
import type { EventLog } from './event-log.js';
import type { LogRow } from './log-reader.js';
import { envelopeOf, packed, PARCEL } from './parcel-fixture.js';
import { suiteLogs, type SuiteLogs } from './postgres/log-fixture.js';
import { RelayCursor } from './postgres/relay-cursor.js';
import { poolOf } from './postgres/connections.js';
import { startRelay, type Relay, type RelayOptions } from './relay.js';

let database: TestDatabase;
let logs: SuiteLogs;
let log: EventLog;
let superuser: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  logs = await suiteLogs(database);
  log = await logs.open();
  superuser = await logs.connect(database.superuserUrl);
}, 60_000);
afterAll(async () => {
  await logs.closeAll();
  await database.drop();
});

const append = async (count: number): Promise<void> => {
  const pack = () => log.journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, randomUUID())).append(packed()));
  await Promise.all(Array.from({ length: count }, pack));
};

/** Keeps what it acknowledges; what it fails on is not published. */
class MemorySink {
  readonly published: LogRow[] = [];
  failures = 0;

  async publish(rows: readonly LogRow[]): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('no broker');
    }
    this.published.push(...rows);
  }

  get positions(): bigint[] {
    return this.published.map(({ position }) => position);
  }
}

const upTo = (size: bigint): bigint[] => Array.from({ length: Number(size) }, (_, index) => BigInt(index));
const running: Relay[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((relay) => relay.stop()));
});
const start = (name: string, sink: RelayOptions['sink'], options: Partial<RelayOptions> = {}): Relay => {
  const relay = startRelay({ name, log, sink, ...options });
  running.push(relay);
  return relay;
};
const cursorOf = async (name: string): Promise<{ position: string; epoch: string }> =>
  (await superuser.query(`SELECT position, epoch FROM event_log.relay_cursor WHERE name = $1`, [name]))[0];

describe('The relay', () => {
  it('publishes every row once, in order, also what comes while it runs, woken without polling', async () => {
    const sink = new MemorySink();
    await append(7);
    const relay = start('ordered', sink, { limits: { batchRowsMax: 3, pollMs: 60_000, leaseMs: 300_000 } });
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    for (let round = 0; round < 3; round += 1) {
      await append(5);
      await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())), { limitMs: 2_000 });
    }
    expect(relay.status()).toMatchObject({ leading: true, position: await log.size(), logSize: await log.size() });
    await relay.stop();
    expect(BigInt((await cursorOf('ordered')).position)).toBe(await log.size());
  });

  it('publishes the stored bytes', async () => {
    const sink = new MemorySink();
    const relay = start('bytes', sink);
    await eventually(async () => expect(sink.published).toEqual(await log.readLog(0n, 1_000)));
    await relay.stop();
  });

  it('goes on after failures without losing or reordering, and reports them', async () => {
    const sink = new MemorySink();
    sink.failures = 2;
    const failures: unknown[] = [];
    const relay = start('failing', sink, { limits: { retryPauseMs: 1 }, onFailure: (error) => failures.push(error) });
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    expect(failures).toHaveLength(2);
    await relay.stop();
  });

  it('goes on publishing while the cursor moves, one batch ahead of it and no further', async () => {
    const sink = new MemorySink();
    const relay = start('ahead', sink, { limits: { batchRowsMax: 2, leaseMs: 300_000 } });
    await eventually(async () => expect(relay.status().position).toBe(await log.size()));
    const before = await log.size();
    const held = superuser.createQueryRunner();
    await held.startTransaction();
    await held.query(`SELECT 1 FROM event_log.relay_cursor WHERE name = 'ahead' FOR UPDATE`);
    await append(8);
    await eventually(() => expect(sink.positions.at(-1)).toBe(before + 3n));
    expect(relay.status().position).toBe(before);
    await held.rollbackTransaction();
    await held.release();
    await eventually(async () => expect(relay.status().position).toBe(await log.size()));
    expect(sink.positions).toEqual(upTo(await log.size()));
    await relay.stop();
  });

  it('reads back nothing that this process has just appended, and asks nothing while it is idle', async () => {
    let reads = 0;
    const counted = { ...log, readLog: (from: bigint, limit: number) => ((reads += 1), log.readLog(from, limit)) };
    const sink = new MemorySink();
    const relay = start('recent', sink, { log: counted, limits: { pollMs: 60_000, leaseMs: 300_000 } });
    await eventually(async () => expect(relay.status().position).toBe(await log.size()));
    const caughtUp = reads;
    await append(20);
    await eventually(async () => expect(relay.status().position).toBe(await log.size()));
    expect(sink.positions).toEqual(upTo(await log.size()));
    expect(reads - caughtUp).toBeLessThanOrEqual(1);
    await relay.stop();
  });

  it('reads what another process appended', async () => {
    const other = await logs.open();
    const sink = new MemorySink();
    const relay = start('others', sink, { limits: { pollMs: 60_000, leaseMs: 300_000 } });
    const pack = (journal: EventLog['journal']) =>
      journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, randomUUID())).append(packed()));
    for (let round = 0; round < 10; round += 1) await Promise.all([pack(log.journal), pack(other.journal), pack(other.journal)]);
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    await relay.stop();
  });

  it('continues where the cursor stands', async () => {
    const first = start('continued', new MemorySink());
    const before = await log.size();
    await eventually(() => expect(first.status().position).toBe(before));
    await first.stop();
    await append(2);
    const sink = new MemorySink();
    const second = start('continued', sink);
    await eventually(() => expect(sink.positions).toEqual([before, before + 1n]));
    await second.stop();
  });

  it('survives the loss of its listening connection', async () => {
    const sink = new MemorySink();
    const relay = start('deaf', sink, { limits: { pollMs: 60_000, leaseMs: 300_000 } });
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query = 'LISTEN event_log'`,
      [database.name],
    );
    await append(1);
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    await relay.stop();
  });
});

describe('Two relays', () => {
  it('take the lead one after the other', async () => {
    const [first, second] = [new MemorySink(), new MemorySink()];
    const leader = start('pair', first, { limits: { leaseMs: 600 } });
    await eventually(async () => expect(leader.status().position).toBe(await log.size()));
    const standby = start('pair', second, { limits: { leaseMs: 600 } });
    await append(3);
    await eventually(async () => expect(leader.status().position).toBe(await log.size()));
    expect(standby.status().leading).toBe(false);
    expect(second.published).toEqual([]);
    await leader.stop();
    await append(1);
    await eventually(async () => expect(standby.status().position).toBe(await log.size()));
    expect([...first.positions, ...second.positions]).toEqual(upTo(await log.size()));
    await standby.stop();
  });
});

describe('The fence', () => {
  const cursor = (holder: string, leaseMs: number): RelayCursor =>
    new RelayCursor(poolOf(log.dataSource), { name: 'fenced', holder, leaseMs });
  /** SIGSTOP past the lease, as the database sees it; waiting for a short one would race with a slow machine. */
  const endLease = (name: string): Promise<unknown> =>
    superuser.query(`UPDATE event_log.relay_cursor SET lease_until = clock_timestamp() - interval '1 second' WHERE name = $1`, [
      name,
    ]);

  it('keeps a relay that was suspended past its lease from moving the cursor', async () => {
    const zombie = cursor(randomUUID(), 60_000);
    const successor = cursor(randomUUID(), 60_000);
    const stale = await zombie.lead();
    expect(stale).toMatchObject({ leads: true, position: 0n });
    expect(await zombie.advance(stale.epoch, 1n)).toBe(true);
    await endLease('fenced');
    const current = await successor.lead();
    expect(current).toMatchObject({ leads: true, epoch: stale.epoch + 1n, position: 1n });

    expect(await zombie.advance(stale.epoch, 3n)).toBe(false);
    expect((await zombie.lead()).leads).toBe(false);
    expect(await cursorOf('fenced')).toMatchObject({ position: '1' });
    expect(await successor.advance(current.epoch, 3n)).toBe(true);
  });

  it('never moves the cursor back or past the log', async () => {
    const leader = new RelayCursor(poolOf(log.dataSource), { name: 'bounds', holder: randomUUID(), leaseMs: 60_000 });
    const { epoch, logSize } = await leader.lead();
    expect(await leader.advance(epoch, 2n)).toBe(true);
    expect(await leader.advance(epoch, 1n)).toBe(false);
    expect(await leader.advance(epoch, logSize + 1n)).toBe(false);
  });

  it('of a lease that ran out holds although nobody took over; the relay leads again under a new epoch', async () => {
    const holder = randomUUID();
    const slow = new RelayCursor(poolOf(log.dataSource), { name: 'expired', holder, leaseMs: 1 });
    const { epoch } = await slow.lead();
    await eventually(async () => expect(await slow.advance(epoch, 1n)).toBe(false));
    expect(await slow.lead()).toMatchObject({ leads: true, epoch: epoch + 1n });
  });

  it('of a suspended relay: what it was publishing is published again by its successor', async () => {
    let release = (): void => undefined;
    const held: LogRow[] = [];
    const stopped = new Promise<void>((resolve) => (release = resolve));
    const stuck = {
      publish: (rows: readonly LogRow[]) => {
        held.push(...rows);
        return stopped;
      },
    };
    const zombie = start('zombie', stuck, { limits: { leaseMs: 60_000, batchRowsMax: 5 } });
    await eventually(() => expect(held).toHaveLength(5));
    await endLease('zombie');
    const sink = new MemorySink();
    const successor = start('zombie', sink);
    await eventually(async () => expect(sink.positions).toEqual(upTo(await log.size())));
    // It slept past its lease by its own clock too.
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
    release();
    await eventually(() => expect(zombie.status().leading).toBe(false));
    clock.mockRestore();
    expect(held).toHaveLength(5);
    expect(BigInt((await cursorOf('zombie')).position)).toBe(await log.size());
    await Promise.all([zombie.stop(), successor.stop()]);
  });
});
