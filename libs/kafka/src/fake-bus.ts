import { DomainError } from '@countersign/kernel';
import { CONSUME_LIMITS } from './config.js';
import type {
  Consumption,
  EventBus,
  IncomingMessage,
  OutgoingMessage,
  PartitionHandler,
  Subscription,
  TopicMessages,
  TopicToCreate,
} from './event-bus.js';
import { FakeGroup } from './fake-group.js';
import { messageBytes } from './message-size.js';
import { keyPartitioner } from './partitioner.js';

/** The in-memory bus, with what tests need to look inside and to break it. */
export interface FakeBus extends EventBus {
  /** All records of a topic, partition by partition. */
  records(topic: string): readonly IncomingMessage[];
  /** The next `times` publications fail with DEPENDENCY_UNAVAILABLE: before anything was written, or after all was. */
  failPublications(times: number, when: 'before' | 'after'): void;
}

/** Kafka's default limit for one record batch. */
const MESSAGE_BYTES_MAX = 1_048_588;

/** A topic of the fake: one array a partition. The array index is the offset. */
export interface FakeTopic {
  readonly partitions: IncomingMessage[][];
  readonly bytesMax: number;
}

/** An event bus in this process's memory that keeps the same promises; partitions are chosen as the real client does. */
export function createFakeBus(): FakeBus {
  return new InMemoryBus();
}

class InMemoryBus implements FakeBus {
  private readonly topics = new Map<string, FakeTopic>();
  private readonly groups = new Map<string, FakeGroup>();
  private readonly partitioner = keyPartitioner();
  private failures: ('before' | 'after')[] = [];
  private closed = false;

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.publishAll([{ topic, messages }]);
  }

  async publishAll(batches: readonly TopicMessages[]): Promise<void> {
    const failure = this.failures.shift();
    if (this.closed || failure === 'before') throw new DomainError('DEPENDENCY_UNAVAILABLE');
    for (const { topic, messages } of batches) {
      const target = this.existing(topic);
      for (const message of messages) this.append(topic, target, message);
    }
    for (const group of this.groups.values()) group.wake();
    await Promise.resolve();
    if (failure === 'after') throw new DomainError('DEPENDENCY_UNAVAILABLE');
  }

  async consume(subscription: Subscription, handler: PartitionHandler): Promise<Consumption> {
    const partitions = subscription.topics.flatMap((topic) =>
      this.existing(topic).partitions.map((records, partition) => ({ topic, partition, records })),
    );
    let group = this.groups.get(subscription.groupId);
    if (group === undefined) this.groups.set(subscription.groupId, (group = new FakeGroup()));
    return group.join(partitions, handler, subscription.partitionsAtOnce ?? CONSUME_LIMITS.partitionsAtOnce);
  }

  async createTopics(topics: readonly TopicToCreate[]): Promise<void> {
    for (const { topic, partitions, config } of topics) {
      if (this.topics.has(topic)) continue;
      const bytesMax = Number(config?.['max.message.bytes'] ?? MESSAGE_BYTES_MAX);
      this.topics.set(topic, { partitions: Array.from({ length: partitions }, () => []), bytesMax });
    }
    return Promise.resolve();
  }

  async lag(groupId: string, topics: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    const group = this.groups.get(groupId);
    const lagOf = (topic: string): bigint =>
      this.existing(topic).partitions.reduce(
        (sum, records, partition) => sum + BigInt(records.length) - (group?.committed(topic, partition) ?? 0n),
        0n,
      );
    return Promise.resolve(new Map(topics.map((topic) => [topic, lagOf(topic)])));
  }

  async ping(): Promise<void> {
    if (this.closed) throw new DomainError('DEPENDENCY_UNAVAILABLE');
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.groups.values()].map((group) => group.stop()));
  }

  records(topic: string): readonly IncomingMessage[] {
    return this.existing(topic).partitions.flat();
  }

  failPublications(times: number, when: 'before' | 'after'): void {
    this.failures = Array.from({ length: times }, () => when);
  }

  private existing(topic: string): FakeTopic {
    const found = this.topics.get(topic);
    if (found === undefined)
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'kafka', reason: 'UNKNOWN_TOPIC_OR_PARTITION' } });
    return found;
  }

  private append(topic: string, target: FakeTopic, message: OutgoingMessage): void {
    if (messageBytes(message) > target.bytesMax) throw new DomainError('MESSAGE_TOO_LARGE');
    const key = message.key === null ? null : Buffer.from(message.key);
    const partitionMetadata = target.partitions.map((_records, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [1],
      isr: [1],
    }));
    const partition = this.partitioner({ topic, partitionMetadata, message: { key, value: message.value } });
    const records = target.partitions[partition] ?? [];
    records.push({
      topic,
      partition,
      offset: BigInt(records.length),
      key,
      value: message.value === null ? null : Buffer.from(message.value),
      headers: new Map(Object.entries(message.headers ?? {}).map(([name, value]) => [name, toBuffers(value)])),
      timestampMs: Date.now(),
    });
  }
}

function toBuffers(value: Buffer | string | readonly (Buffer | string)[]): readonly Buffer[] {
  const values = typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value;
  return values.map((each) => Buffer.from(each as string));
}
