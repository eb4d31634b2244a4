import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import type {
  BatchProgress,
  Consumption,
  EventBus,
  IncomingMessage,
  OutgoingMessage,
  PartitionBatch,
  PartitionHandler,
} from './event-bus.js';

/** Names that no other run uses, so that suites share a broker. */
export interface BusUnderTest {
  readonly bus: EventBus;
  /** Another client of the same broker. */
  another(): EventBus;
}

const PATIENCE_MS = 30_000;

/** What every adapter of the port must do. Run on the fake and on a real broker. */
export function eventBusContract(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the event bus contract`, () => {
    let world: BusUnderTest;
    let topic: string;
    let group: string;

    beforeEach(async () => {
      world = await start();
      const unique = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
      topic = `contract.${unique}`;
      group = `group-${unique}`;
      await world.bus.createTopics([{ topic, partitions: 3, config: { 'max.message.bytes': '1048588' } }]);
    });
    afterEach(() => world.bus.close());

    it('takes the next call at any moment after the last one', async () => {
      for (let turns = 0; turns < 20; turns += 1) {
        await world.bus.publish(topic, [{ key: 'k', value: Buffer.from(String(turns)) }]);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      }
      expect(await collect(world.bus, 20)).toHaveLength(20);
    });

    it('delivers keys, values and headers byte for byte, also null, binary and repeated ones', async () => {
      const bytes = Buffer.from([0, 255, 128, 10]);
      await world.bus.publish(topic, [
        { key: bytes, value: bytes, headers: { plain: 'a', binary: bytes, twice: ['x', bytes], constructor: 'c' } },
        { key: null, value: null },
      ]);
      const seen = await collect(world.bus, 2);
      const first = seen.find(({ value }) => value !== null);
      expect(first?.key).toEqual(bytes);
      expect(first?.value).toEqual(bytes);
      expect([...(first?.headers.keys() ?? [])].sort()).toEqual(['binary', 'constructor', 'plain', 'twice']);
      expect(first?.headers.get('twice')).toEqual([Buffer.from('x'), bytes]);
      expect(first?.headers.get('constructor')).toEqual([Buffer.from('c')]);
      expect(seen.some(({ key, value }) => key === null && value === null)).toBe(true);
    });

    it('keeps the order of each key over calls made one after the other without waiting', async () => {
      const calls = Array.from({ length: 60 }, (_, index) => world.bus.publish(topic, [numbered(`key-${index % 5}`, index)]));
      await Promise.all(calls);
      const seen = await collect(world.bus, 60);
      for (const key of ['key-0', 'key-1', 'key-2', 'key-3', 'key-4']) {
        const numbers = seen.filter((message) => message.key?.toString() === key).map(numberOf);
        expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
        expect(numbers).toHaveLength(12);
      }
    });

    it('publishes more than one request holds, to several topics at once', async () => {
      const other = `${topic}.other`;
      await world.bus.createTopics([{ topic: other, partitions: 1 }]);
      const filler = Buffer.alloc(2_000, 7);
      const many = Array.from({ length: 1_500 }, (_, index) => ({
        key: 'k',
        value: Buffer.concat([Buffer.from(`${index}:`), filler]),
      }));
      await world.bus.publishAll([
        { topic, messages: many },
        { topic: other, messages: [numbered('k', 1)] },
      ]);
      const seen = await collect(world.bus, 1_500);
      expect(seen.map(numberOf)).toEqual(many.map((_, index) => index));
      expect(await world.bus.lag(group, [other])).toEqual(new Map([[other, 1n]]));
    });

    it('delivers again what was not committed, and only that', async () => {
      await world.bus.publish(
        topic,
        Array.from({ length: 6 }, (_, index) => numbered('k', index)),
      );
      const consumption = await world.bus.consume({ groupId: group, topics: [topic] }, async (batch) => {
        const third = batch.messages[2];
        if (third === undefined) return again(batch);
        await batch.commit(third.offset + 1n);
        return { next: third.offset + 1n, pauseMs: 60_000 };
      });
      await until(async () => (await world.bus.lag(group, [topic])).get(topic) === 3n);
      await consumption.stop();
      expect((await collect(world.bus, 3)).map(numberOf)).toEqual([3, 4, 5]);
    });

    it('delivers again from where the handler says, after the pause it asks for', async () => {
      await world.bus.publish(
        topic,
        Array.from({ length: 4 }, (_, index) => numbered('k', index)),
      );
      const deliveries: { first: number; at: number }[] = [];
      await world.bus.consume({ groupId: group, topics: [topic] }, async (batch) => {
        deliveries.push({ first: numberOf(batch.messages[0]), at: Date.now() });
        const second = batch.messages[1];
        if (deliveries.length === 1 && second !== undefined) return { next: second.offset, pauseMs: 400 };
        return settle(batch);
      });
      await until(() => deliveries.length >= 2);
      expect(deliveries[1]?.first).toBe(1);
      expect((deliveries[1]?.at ?? 0) - (deliveries[0]?.at ?? 0)).toBeGreaterThanOrEqual(390);
    });

    it('goes on with other partitions while one rests', async () => {
      await world.bus.publish(
        topic,
        Array.from({ length: 60 }, (_, index) => numbered(`key-${index}`, index)),
      );
      const resting = new Set<number>();
      const seen = new Set<number>();
      const handler: PartitionHandler = async (batch) => {
        if (batch.partition === 0) {
          resting.add(batch.partition);
          return { next: batch.messages[0]?.offset ?? 0n, pauseMs: 60_000 };
        }
        for (const message of batch.messages) seen.add(numberOf(message));
        return settle(batch);
      };
      await world.bus.consume({ groupId: group, topics: [topic] }, handler);
      await until(() => resting.size === 1 && seen.size > 20);
      expect(seen.size).toBeLessThan(60);
    });

    it('delivers a batch again when its handler rejects', async () => {
      await world.bus.publish(topic, [numbered('k', 0)]);
      let deliveries = 0;
      await world.bus.consume({ groupId: group, topics: [topic] }, async (batch) => {
        deliveries += 1;
        if (deliveries === 1) throw new Error('the first delivery fails');
        return settle(batch);
      });
      await until(() => deliveries === 2);
    });

    it('shares the partitions of a group and loses nothing when a member leaves', async () => {
      const other = world.another();
      try {
        const seen: number[] = [];
        const handler: PartitionHandler = async (batch) => {
          for (const message of batch.messages) seen.push(numberOf(message));
          return settle(batch);
        };
        const first = await world.bus.consume({ groupId: group, topics: [topic] }, handler);
        const second = await other.consume({ groupId: group, topics: [topic] }, handler);
        await until(() => first.isJoined() && second.isJoined());
        await world.bus.publish(
          topic,
          Array.from({ length: 30 }, (_, index) => numbered(`key-${index}`, index)),
        );
        await until(() => new Set(seen).size === 30);
        await first.stop();
        await world.bus.publish(
          topic,
          Array.from({ length: 30 }, (_, index) => numbered(`key-${index}`, 30 + index)),
        );
        await until(() => new Set(seen).size === 60);
      } finally {
        await other.close();
      }
    });

    it('lets a running handler end and commit before it stops', async () => {
      await world.bus.publish(topic, [numbered('k', 0)]);
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      let begun = false;
      const consumption = await world.bus.consume({ groupId: group, topics: [topic] }, async (batch) => {
        begun = true;
        await held;
        expect(batch.isCurrent()).toBe(false);
        return settle(batch);
      });
      await until(() => begun);
      const stopped = consumption.stop();
      release();
      await stopped;
      expect(consumption.isJoined()).toBe(false);
      expect((await world.bus.lag(group, [topic])).get(topic)).toBe(0n);
    });

    it('refuses a record above the limit of its topic and publishes its neighbours', async () => {
      const outcomes = await Promise.allSettled([
        world.bus.publish(topic, [numbered('k', 0)]),
        world.bus.publish(topic, [{ key: 'k', value: Buffer.alloc(1_200_000) }]),
        world.bus.publish(topic, [numbered('k', 1)]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(codeOf(outcomes[1])).toBe('MESSAGE_TOO_LARGE');
      expect((await collect(world.bus, 2)).map(numberOf)).toEqual([0, 1]);
    });

    it('answers an unknown topic with DEPENDENCY_UNAVAILABLE', async () => {
      const [outcome] = await Promise.allSettled([world.bus.publish(`${topic}.absent`, [numbered('k', 0)])]);
      expect(codeOf(outcome)).toBe('DEPENDENCY_UNAVAILABLE');
    });

    it('leaves existing topics as they are and answers a ping', async () => {
      await world.bus.publish(topic, [numbered('k', 0)]);
      await world.bus.createTopics([
        { topic, partitions: 3 },
        { topic: `${topic}.next`, partitions: 1 },
      ]);
      await world.bus.ping();
      expect((await collect(world.bus, 1)).map(numberOf)).toEqual([0]);
    });

    it('is closed for good, as often as it is closed', async () => {
      await world.bus.close();
      await world.bus.close();
      const [outcome] = await Promise.allSettled([world.bus.publish(topic, [numbered('k', 0)])]);
      expect(codeOf(outcome)).toBe('DEPENDENCY_UNAVAILABLE');
    });

    /** Consumes in the test's group until that many records were delivered and committed. */
    async function collect(bus: EventBus, count: number): Promise<IncomingMessage[]> {
      const seen: IncomingMessage[] = [];
      const consumption: Consumption = await bus.consume({ groupId: group, topics: [topic] }, async (batch) => {
        const progress = await settle(batch);
        seen.push(...batch.messages);
        return progress;
      });
      await until(() => seen.length >= count);
      await consumption.stop();
      expect(seen).toHaveLength(count);
      return seen;
    }
  });
}

async function settle(batch: PartitionBatch): Promise<BatchProgress> {
  const next = (batch.messages.at(-1)?.offset ?? -1n) + 1n;
  await batch.commit(next);
  return { next };
}

function again(batch: PartitionBatch): BatchProgress {
  return { next: batch.messages[0]?.offset ?? 0n, pauseMs: 50 };
}

function numbered(key: string, number: number): OutgoingMessage {
  return { key, value: Buffer.from(`${number}:`) };
}

function numberOf(message: IncomingMessage | undefined): number {
  return Number(message?.value?.toString('latin1').split(':', 1)[0]);
}

function codeOf(outcome: PromiseSettledResult<unknown> | undefined): unknown {
  const reason: unknown = outcome?.status === 'rejected' ? outcome.reason : undefined;
  return reason instanceof DomainError ? reason.code : reason;
}

/** Polls with a deadline. */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come true in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
