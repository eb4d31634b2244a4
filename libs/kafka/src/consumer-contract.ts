import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import type { BusUnderTest } from './event-bus-contract.js';
import { until } from './event-bus-contract.js';
import type { EventBus, IncomingMessage, OutgoingMessage } from './event-bus.js';
import type { Outcome } from './outcome.js';
import { runConsumer, type ConsumerOptions } from './run-consumer.js';
import { deadLetterTopic } from './topics.js';

const QUICK = { initialBackoffMs: 5, backoffCapMs: 20 };

/** What the consumer loop promises, on any bus. */
export function consumerContract(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`The consumer loop on ${name}`, () => {
    let bus: EventBus;
    let world: BusUnderTest;
    let topic: string;
    let group: string;
    let handled: string[];

    beforeEach(async () => {
      world = await start();
      bus = world.bus;
      const unique = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
      topic = `loop.${unique}`;
      group = `group-${unique}`;
      handled = [];
      await bus.createTopics([
        { topic, partitions: 2 },
        { topic: deadLetterTopic(topic), partitions: 1, config: { 'max.message.bytes': '2097176' } },
      ]);
    });
    afterEach(() => bus.close());

    const run = (options: Partial<ConsumerOptions>): ReturnType<typeof runConsumer> =>
      runConsumer({ bus, groupId: group, topics: [topic], limits: QUICK, ...options });
    const note = (message: IncomingMessage): void => void handled.push(textOf(message));
    const settled = (): Promise<void> => until(async () => (await bus.lag(group, [topic])).get(topic) === 0n);

    it('puts only the poison into the dead letter topic, unchanged and with its reason, and goes on', async () => {
      const bytes = Buffer.from([0, 255, 10]);
      await bus.publish(topic, [
        text('k', 'a'),
        { key: 'k', value: bytes, headers: { twice: ['x', 'y'], binary: bytes, 'x-reason': 'forged' } },
        text('k', 'b'),
      ]);
      await run({
        handle: (message) => {
          if (message.value?.equals(bytes) === true) throw new TypeError('a bug, with canary-7733 in its message');
          note(message);
          return Promise.resolve();
        },
      });
      await settled();
      expect(handled).toEqual(['a', 'b']);
      const [dead, ...more] = await deadLetters(1);
      expect(more).toEqual([]);
      expect(dead?.key?.toString()).toBe('k');
      expect(dead?.value).toEqual(bytes);
      expect(dead?.headers.get('twice')).toEqual([Buffer.from('x'), Buffer.from('y')]);
      expect(dead?.headers.get('binary')).toEqual([bytes]);
      expect(headersOf(dead)).toMatchObject({
        'x-original-topic': topic,
        'x-original-offset': '1',
        'x-reason': 'POISON',
        'x-reason-code': 'INTERNAL',
        'x-attempt': '5',
        'x-consumer-group': group,
      });
      expect(Number.isNaN(Date.parse(headersOf(dead)['x-first-failed-at'] ?? ''))).toBe(false);
      expect(JSON.stringify(headersOf(dead))).not.toContain('canary');
    });

    it('names code, field and rule of a rejection at its first attempt', async () => {
      await bus.publish(topic, [text('k', 'a')]);
      await run({
        handle: () => Promise.reject(new DomainError('CODE_UNKNOWN', { field: 'unit', rule: 'must be a unit of issue' })),
      });
      const [dead] = await deadLetters(1);
      expect(headersOf(dead)).toMatchObject({
        'x-reason': 'DOMAIN_REJECTED',
        'x-reason-code': 'CODE_UNKNOWN',
        'x-reason-field': 'unit',
        'x-reason-rule': 'must be a unit of issue',
        'x-attempt': '1',
      });
    });

    it('does not read what is too large, and keeps it whole', async () => {
      const large = Buffer.alloc(300_000, 120);
      await bus.publish(topic, [{ key: 'k', value: large }, text('k', 'a')]);
      await run({ valueBytesMax: 256 * 1024, handle: (message) => Promise.resolve(note(message)) });
      await settled();
      expect(handled).toEqual(['a']);
      const [dead] = await deadLetters(1);
      expect(dead?.value?.equals(large)).toBe(true);
      expect(headersOf(dead)).toMatchObject({ 'x-reason': 'OVERSIZE', 'x-reason-code': 'MESSAGE_TOO_LARGE' });
    });

    it('waits out an outage, longer than it tolerates a fault, keeps the order of the key, and lets other keys overtake', async () => {
      let outages = 12;
      await bus.publish(topic, [
        text('k', 'k1'),
        text('k', 'k2'),
        ...Array.from({ length: 8 }, (_, index) => text(`other-${index}`, `o${index}`)),
      ]);
      await run({
        handle: (message) => {
          if (textOf(message) === 'k1' && outages-- > 0) throw new DomainError('DEPENDENCY_UNAVAILABLE');
          return Promise.resolve(note(message));
        },
      });
      await settled();
      expect(handled.filter((each) => each.startsWith('k'))).toEqual(['k1', 'k2']);
      expect(handled).toHaveLength(10);
      expect(handled.at(-1)).toBe('k2');
    });

    it('blames an outage that never ends on one message at a time', async () => {
      await bus.publish(topic, [text('k', 'a'), text('k', 'b')]);
      const outage: Outcome = { kind: 'retry', unavailable: true, error: new DomainError('DEPENDENCY_UNAVAILABLE') };
      await run({
        limits: { ...QUICK, unavailableAttemptsMax: 3 },
        handleBatch: (messages) => Promise.resolve(messages.map(() => outage)),
      });
      const dead = await deadLetters(2);
      expect(dead.map((message) => headersOf(message)['x-reason-code'])).toEqual([
        'DEPENDENCY_UNAVAILABLE',
        'DEPENDENCY_UNAVAILABLE',
      ]);
      // The second one counts anew from the moment at which nothing stands before it.
      expect(dead.map((message) => headersOf(message)['x-attempt'])).toEqual(['3', '5']);
    });

    it('delivers a message that waits again until what it waits for has come', async () => {
      const known = new Set<string>();
      await bus.publish(topic, [text('same', 'child:1'), text('same', 'late')]);
      await run({
        order: 'key',
        handle: (message): Promise<Outcome | undefined> => {
          if (textOf(message) === 'child:1' && !known.has('parent')) return Promise.resolve({ kind: 'wait' });
          note(message);
          known.add(textOf(message));
          return Promise.resolve(undefined);
        },
      });
      expect(handled).toEqual([]);
      await bus.publish(topic, [text('another', 'parent'), text('third', 'parent'), text('fourth', 'parent')]);
      await settled();
      expect(handled.indexOf('child:1')).toBeGreaterThan(handled.indexOf('parent'));
      expect(handled.indexOf('late')).toBeGreaterThan(handled.indexOf('child:1'));
    });

    it('gives up a wait that has no end', async () => {
      await bus.publish(topic, [text('k', 'a')]);
      await run({ limits: { ...QUICK, waitsMax: 3 }, handle: () => Promise.reject(new DomainError('MESSAGE_GAP')) });
      expect(headersOf((await deadLetters(1))[0])).toMatchObject({ 'x-reason': 'OUT_OF_ORDER', 'x-attempt': '4' });
    });

    it('works on many keys at once and on one key in order', async () => {
      const count = 200;
      let running = 0;
      let mostRunning = 0;
      await bus.publish(
        topic,
        Array.from({ length: count }, (_, index) => text(`key-${index % 20}`, `${index % 20}:${index}`)),
      );
      await run({
        concurrency: 10,
        partitionsAtOnce: 1,
        handle: async (message) => {
          running += 1;
          mostRunning = Math.max(mostRunning, running);
          await new Promise((resolve) => setTimeout(resolve, 2));
          running -= 1;
          note(message);
        },
      });
      await settled();
      expect(mostRunning).toBeGreaterThan(5);
      expect(mostRunning).toBeLessThanOrEqual(10);
      for (let key = 0; key < 20; key += 1) {
        const numbers = handled.filter((each) => each.startsWith(`${key}:`)).map((each) => Number(each.split(':')[1]));
        expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
        expect(numbers).toHaveLength(count / 20);
      }
    });

    it('settles each message of a batch by its own outcome', async () => {
      let waits = 2;
      await bus.publish(
        topic,
        ['ok:1', 'bad', 'wait', 'ok:2'].map((value) => text('k', value)),
      );
      const outcomeFor = (message: IncomingMessage): Outcome => {
        const value = textOf(message);
        if (value === 'bad') return { kind: 'reject', reason: 'TENANT_MISMATCH', code: 'TENANT_MISMATCH' };
        if (value === 'wait' && waits-- > 0) return { kind: 'wait' };
        note(message);
        return { kind: 'done' };
      };
      await run({ handleBatch: (messages) => Promise.resolve(messages.map(outcomeFor)) });
      await settled();
      expect([...handled].sort()).toEqual(['ok:1', 'ok:2', 'wait']);
      expect((await deadLetters(1)).map((message) => headersOf(message)['x-reason'])).toEqual(['TENANT_MISMATCH']);
    });

    it('lets nothing overtake when the whole partition is to stay in order', async () => {
      let faults = 3;
      await bus.publish(
        topic,
        Array.from({ length: 5 }, (_, index) => ({ ...text(`key-${index}`, String(index)), key: 'one' })),
      );
      await run({
        order: 'partition',
        concurrency: 10,
        handle: (message) => {
          if (textOf(message) === '2' && faults-- > 0) throw new DomainError('VERSION_CONFLICT');
          return Promise.resolve(note(message));
        },
      });
      await settled();
      expect(handled).toEqual(['0', '1', '2', '3', '4']);
    });

    it('hands on to another member, between a message and its commit, without losing it', async () => {
      const other = world.another();
      try {
        await bus.publish(
          topic,
          Array.from({ length: 20 }, (_, index) => text(`key-${index}`, String(index))),
        );
        let stop: (() => void) | undefined;
        const stopping = new Promise<void>((resolve) => (stop = resolve));
        const first = await run({
          handle: async (message) => {
            note(message);
            if (handled.length === 7) stop?.();
            if (handled.length >= 7) await new Promise((resolve) => setTimeout(resolve, 20));
          },
        });
        await stopping;
        await first.stop();
        await runConsumer({
          bus: other,
          groupId: group,
          topics: [topic],
          limits: QUICK,
          handle: (message) => Promise.resolve(note(message)),
        });
        await settled();
        expect(new Set(handled).size).toBe(20);
      } finally {
        await other.close();
      }
    });

    async function deadLetters(count: number): Promise<readonly IncomingMessage[]> {
      const found: IncomingMessage[] = [];
      const consumption = await bus.consume({ groupId: `${group}-dlq`, topics: [deadLetterTopic(topic)] }, async (batch) => {
        found.push(...batch.messages);
        const next = (batch.messages.at(-1)?.offset ?? 0n) + 1n;
        await batch.commit(next);
        return { next };
      });
      await until(() => found.length >= count);
      await consumption.stop();
      return found;
    }
  });
}

function text(key: string, value: string): OutgoingMessage {
  return { key, value: Buffer.from(value) };
}

function textOf(message: IncomingMessage): string {
  return message.value?.toString() ?? '';
}

function headersOf(message: IncomingMessage | undefined): Record<string, string> {
  return Object.fromEntries([...(message?.headers ?? [])].map(([name, values]) => [name, values.join('|')]));
}
