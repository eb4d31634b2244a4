import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import fc from 'fast-check';
import { consumerContract } from './consumer-contract.js';
import { until } from './event-bus-contract.js';
import type { EventBus, PartitionHandler } from './event-bus.js';
import { createFakeBus } from './fake-bus.js';
import { runConsumer } from './run-consumer.js';
import { deadLetterTopic } from './topics.js';

consumerContract('the fake bus', () => {
  const bus = createFakeBus();
  const another = (): EventBus => ({ ...portOf(bus), close: () => Promise.resolve() });
  return Promise.resolve({ bus, another });
});

/** What a message does to its handler, each time it is tried until the script is at its end. */
type Step = 'ok' | 'outage' | 'fault' | 'wait' | 'lost-reply';
interface Scripted {
  readonly key: string;
  readonly steps: readonly Step[];
  readonly end: 'effect' | 'reject' | 'poison';
}

const scripted: fc.Arbitrary<Scripted> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  steps: fc.array(fc.constantFrom<Step[]>('outage', 'fault', 'wait', 'lost-reply'), { maxLength: 3 }),
  end: fc.constantFrom<Scripted['end'][]>('effect', 'effect', 'effect', 'reject', 'poison'),
});

describe('The consumer loop, whatever happens', () => {
  it('applies each effect once and in the order of its key, and buries exactly what is to be buried', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(scripted, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 6 }),
        async (script, concurrency, commitFailures) => {
          const { effects, tries, buried } = await play(script, concurrency, [...commitFailures]);
          const expected = script.flatMap(({ end }, id) => (end === 'effect' ? [id] : []));
          // Duplicated deliveries are tolerated by deduplication on the id, as every consumer of ours does.
          expect([...effects].sort((left, right) => left - right)).toEqual(expected);
          for (const key of ['a', 'b', 'c', 'd']) {
            const ids = effects.filter((id) => script[id]?.key === key);
            expect(ids).toEqual([...ids].sort((left, right) => left - right));
          }
          expect([...new Set(buried)].sort((left, right) => left - right)).toEqual(
            script.flatMap(({ end }, id) => (end === 'effect' ? [] : [id])),
          );
          expect(tries).toBeGreaterThanOrEqual(script.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Runs a script through a bus whose commits and publications fail now and then after they took effect or before. */
async function play(
  script: readonly Scripted[],
  concurrency: number,
  commitFailures: boolean[],
): Promise<{ effects: number[]; buried: number[]; tries: number }> {
  const bus = createFakeBus();
  await bus.createTopics([
    { topic: 't', partitions: 2 },
    { topic: deadLetterTopic('t'), partitions: 1 },
  ]);
  await bus.publish(
    't',
    script.map(({ key }, id) => ({ key, value: Buffer.from(String(id)) })),
  );
  const remaining = script.map(({ steps }) => [...steps]);
  const effects: number[] = [];
  let tries = 0;
  bus.failPublications(commitFailures.length % 3, commitFailures.length % 2 === 0 ? 'before' : 'after');
  await runConsumer({
    bus: {
      ...portOf(bus),
      consume: (subscription, handler) => bus.consume(subscription, failingCommits(handler, commitFailures)),
    },
    groupId: 'g',
    topics: ['t'],
    concurrency,
    limits: { initialBackoffMs: 1, backoffCapMs: 2, attemptsMax: 10 },
    handle: (message) => {
      tries += 1;
      const id = Number(message.value?.toString());
      return Promise.resolve(attempt(id, script[id], remaining[id], effects));
    },
  });
  await until(async () => (await bus.lag('g', ['t'])).get('t') === 0n, 10_000);
  const buried = bus.records(deadLetterTopic('t')).map((message) => Number(message.value?.toString()));
  await bus.close();
  return { effects, buried, tries };
}

function attempt(
  id: number,
  scriptedMessage: Scripted | undefined,
  steps: Step[] | undefined,
  effects: number[],
): { kind: 'wait' } | undefined {
  const end = scriptedMessage?.end;
  const apply = (): void => void (end !== 'effect' || effects.includes(id) || effects.push(id));
  switch (steps?.shift()) {
    case 'outage':
      throw new DomainError('DEPENDENCY_UNAVAILABLE');
    case 'fault':
      throw new Error('a passing fault');
    case 'wait':
      return { kind: 'wait' };
    case 'lost-reply':
      // The effect is durable, but the handler does not learn it.
      apply();
      throw new DomainError('DEPENDENCY_UNAVAILABLE');
    default:
      apply();
      if (end !== 'effect') throw end === 'reject' ? new DomainError('FIELD_INVALID', { field: 'x' }) : new TypeError('a bug');
      return undefined;
  }
}

/** `true`: the commit took effect but its reply is lost; `false`: it did not happen. */
function failingCommits(handler: PartitionHandler, failures: boolean[]): PartitionHandler {
  return (batch) =>
    handler({
      ...batch,
      commit: async (nextOffset) => {
        const failure = failures.shift();
        if (failure !== false) await batch.commit(nextOffset);
        if (failure !== undefined) throw new DomainError('DEPENDENCY_UNAVAILABLE');
        return true;
      },
    });
}

function portOf(bus: EventBus): EventBus {
  return {
    publish: (topic, messages) => bus.publish(topic, messages),
    publishAll: (batches) => bus.publishAll(batches),
    consume: (subscription, handler) => bus.consume(subscription, handler),
    createTopics: (topics) => bus.createTopics(topics),
    lag: (groupId, topics) => bus.lag(groupId, topics),
    ping: () => bus.ping(),
    close: () => bus.close(),
  };
}
