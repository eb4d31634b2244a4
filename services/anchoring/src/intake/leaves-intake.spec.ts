import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFakeBus, deadLetterTopic, type FakeBus } from '@countersign/kafka';
import { silentLogger } from '@countersign/observability';
import { LiveLog } from '../log/live-log.js';
import { MemoryLeafStore } from '../storage/memory-stores.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import { LeavesIntake, type Intake } from './leaves-intake.js';
import { consumeLeaves } from './leaves.consumer.js';

const sample = sampleLog(0);
const { log } = sample;
const message = (from: number, to: number, salt = ''): Buffer => sample.message(from, sampleEntries(from, to, salt));

describe('leaves intake', () => {
  let store: MemoryLeafStore;
  let live: LiveLog;
  let intake: LeavesIntake;
  let told: number;

  beforeEach(() => {
    store = new MemoryLeafStore();
    live = new LiveLog(log);
    told = 0;
    intake = new LeavesIntake({ leaves: store, logger: silentLogger, onStored: () => (told += 1) });
  });
  const take = async (value: Buffer | null): Promise<Intake | undefined> => (await intake.take(live, [{ value }]))[0];
  const done = { kind: 'settled', outcome: { kind: 'done' } };

  it('stores signed entries in order, and says so', async () => {
    expect(await take(message(0, 3))).toEqual(done);
    expect(await take(message(3, 10))).toEqual(done);
    expect(await store.readEntries(0, 0, 10)).toEqual(sampleEntries(0, 10));
    expect([live.received, told]).toEqual([10, 2]);
  });

  it('takes a repeat for done, and of a partial one what is new', async () => {
    await take(message(0, 5));
    expect(await take(message(0, 5))).toEqual(done);
    expect(await take(message(2, 4))).toEqual(done);
    expect(told).toBe(1);
    expect(await take(message(3, 8))).toEqual(done);
    expect(await store.readEntries(0, 0, 8)).toEqual(sampleEntries(0, 8));
  });

  it('takes many messages at once, each by its own outcome', async () => {
    const values = [message(0, 3), Buffer.from('poison'), message(3, 5), message(7, 9), message(5, 7), message(7, 9)];
    const taken = await intake.take(
      live,
      values.map((value) => ({ value })),
    );
    expect(taken.map((one) => (one.kind === 'settled' ? one.outcome.kind : one.kind))).toEqual([
      'done',
      'reject',
      'done',
      'gap',
      'done',
      'done',
    ]);
    expect(await store.readEntries(0, 0, 9)).toEqual(sampleEntries(0, 9));
    expect(told).toBe(1);
  });

  it('lets a message wait that comes after a gap', async () => {
    expect(await take(message(3, 5))).toEqual({ kind: 'gap', firstPosition: 3 });
    expect(await store.received(0)).toBe(0);
  });

  it('keeps a contradicting message as evidence, overwrites nothing and takes nothing more', async () => {
    await take(message(0, 5));
    const other = message(3, 7, ' altered');
    expect(await take(other)).toEqual({ kind: 'frozen' });
    expect(store.conflicts.map(({ firstPosition, signature }) => [firstPosition, signature])).toEqual([[3, other.subarray(-64)]]);
    expect(await store.readEntries(0, 0, 5)).toEqual(sampleEntries(0, 5));
    expect(live.trouble).toBe('conflict');
    expect(await take(message(5, 6))).toEqual({ kind: 'frozen' });
    expect(await store.received(0)).toBe(5);
  });

  it.each<[string, () => Buffer | null, string]>([
    ['no value', () => null, 'SCHEMA_INVALID'],
    ['an empty value', () => Buffer.alloc(0), 'SCHEMA_INVALID'],
    ['a cut message', () => message(0, 2).subarray(0, -1), 'SCHEMA_INVALID'],
    ['a changed entry', () => flipped(message(0, 2), 60), 'SIGNATURE_INVALID'],
    ['a changed position', () => flipped(message(0, 2), 40), 'SIGNATURE_INVALID'],
    ['a changed signature', () => flipped(message(0, 2), -1), 'SIGNATURE_INVALID'],
    ['another log', () => sampleLog(1).message(0, sampleEntries(0, 2)), 'SIGNATURE_INVALID'],
    [
      'another signer',
      () => sample.message(0, sampleEntries(0, 2), generateKeyPairSync('ed25519').privateKey),
      'SIGNATURE_INVALID',
    ],
    ['a position beyond 2^53', () => sample.message(Number.MAX_SAFE_INTEGER, sampleEntries(0, 1)), 'SCHEMA_INVALID'],
  ])('rejects %s', async (_, value, reason) => {
    expect(await take(value())).toMatchObject({ kind: 'settled', outcome: { kind: 'reject', reason } });
    expect(await store.received(0)).toBe(0);
  });

  it.each(['before', 'after'] as const)('can take a message again when storing it failed %s it took effect', async (fault) => {
    store.faults.fail(fault);
    await expect(take(message(0, 5))).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    expect(await take(message(0, 5))).toEqual(done);
    expect(await store.readEntries(0, 0, 5)).toEqual(sampleEntries(0, 5));
  });
});

describe('leaves consumer', () => {
  let bus: FakeBus;
  let store: MemoryLeafStore;
  let live: LiveLog;
  let stop: (() => Promise<void>) | undefined;
  const topic = `t.${log.topic}`;

  beforeEach(async () => {
    bus = createFakeBus();
    store = new MemoryLeafStore();
    live = new LiveLog(log);
    await bus.createTopics([
      { topic, partitions: 1 },
      { topic: deadLetterTopic(topic), partitions: 1 },
    ]);
  });
  afterEach(async () => {
    await stop?.();
    await bus.close();
  });

  async function start(groupId = 'anchoring'): Promise<void> {
    const intake = new LeavesIntake({ leaves: store, logger: silentLogger, onStored: () => undefined });
    const consumption = await consumeLeaves({
      bus,
      intake,
      lives: [live],
      logger: silentLogger,
      topicPrefix: 't.',
      groupId,
      backfillPauseMs: 10,
    });
    stop = () => consumption.stop();
  }
  const publish = (...values: Buffer[]): Promise<void> =>
    bus.publish(
      topic,
      values.map((value) => ({ key: 'k', value })),
    );
  async function received(size: number): Promise<void> {
    for (const deadline = Date.now() + 5_000; (await store.received(0)) !== size;) {
      if (Date.now() > deadline) throw new Error(`received ${await store.received(0)}, not ${size}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('takes what comes in order, through poison and a database that is away', async () => {
    store.faults.fail('after');
    await publish(message(0, 5), flipped(message(5, 6), 60), message(5, 1_005));
    await start();
    await received(1_005);
    expect(await store.readEntries(0, 0, 1_005)).toEqual(sampleEntries(0, 1_005));
  });

  it('reads the topic again from the beginning when the store lost what was committed', async () => {
    await publish(message(0, 5), message(5, 9));
    await start();
    await received(9);
    await stop?.();
    store = new MemoryLeafStore();
    live = new LiveLog(log);
    await publish(message(9, 12));
    await start();
    await received(12);
    expect(await store.readEntries(0, 0, 12)).toEqual(sampleEntries(0, 12));
  });

  it('waits while the topic does not hold what is missing, and goes on when it does', async () => {
    await publish(message(3, 5));
    await start();
    await received(0);
    await publish(message(0, 3));
    await received(5);
    expect(await store.readEntries(0, 0, 5)).toEqual(sampleEntries(0, 5));
  });

  it('puts what no source signed into the dead letter topic', async () => {
    const forged = flipped(message(0, 2), 60);
    await publish(forged, message(0, 2));
    await start();
    await received(2);
    const dead: (Buffer | null)[] = [];
    const watching = await bus.consume({ groupId: 'watch', topics: [deadLetterTopic(topic)] }, (batch) => {
      dead.push(...batch.messages.map(({ value }) => value));
      return Promise.resolve({ next: (batch.messages.at(-1)?.offset ?? 0n) + 1n });
    });
    for (const deadline = Date.now() + 5_000; dead.length === 0 && Date.now() < deadline;)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await watching.stop();
    expect(dead).toEqual([forged]);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
