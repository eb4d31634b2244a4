import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { silentLogger, type Logger } from '@countersign/observability';
import { ADMIN_LIMITS, CLIENT_LIMITS } from './config.js';
import { backoffMs, pauseFor, withDeadline } from './deadline.js';
import type {
  Consumption,
  EventBus,
  OutgoingMessage,
  PartitionHandler,
  Subscription,
  TopicMessages,
  TopicToCreate,
} from './event-bus.js';
import { newKafkaClient, type KafkaConnection } from './kafkajs-client.js';
import { KafkaConsumption } from './kafkajs-consumption.js';
import { protocolErrorType, unavailable } from './kafkajs-errors.js';
import { OrderedPublisher, type Compression } from './kafkajs-publisher.js';

export interface KafkaBusOptions extends KafkaConnection {
  /** Compression of what is published; any compression is read. Default none. */
  readonly compression?: Compression;
  /** Copies of each created topic. Default 1, which is right for a single broker only. */
  readonly replicationFactor?: number;
  readonly log?: Logger;
}

/** The event bus on Apache Kafka. Connects on first use. */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  return new KafkaBus(options);
}

class KafkaBus implements EventBus {
  private readonly publisher: OrderedPublisher;
  private readonly consumptions = new Set<KafkaConsumption>();
  private readonly log: Logger;
  private admin: Promise<Admin> | undefined;

  constructor(private readonly options: KafkaBusOptions) {
    this.log = options.log ?? silentLogger;
    this.publisher = new OrderedPublisher(options, options.compression ?? 'none', this.log);
  }

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.publishAll([{ topic, messages }]);
  }

  publishAll(batches: readonly TopicMessages[]): Promise<void> {
    return this.publisher.publishAll(batches);
  }

  async consume(subscription: Subscription, handler: PartitionHandler): Promise<Consumption> {
    const consumption = new KafkaConsumption(this.options, subscription, handler, this.log);
    this.consumptions.add(consumption);
    try {
      return await consumption.start();
    } catch (error) {
      this.consumptions.delete(consumption);
      throw error;
    }
  }

  async createTopics(topics: readonly TopicToCreate[]): Promise<void> {
    await this.ask(async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ topic }) => !existing.has(topic));
      if (missing.length > 0) await createMissing(admin, missing, this.options.replicationFactor ?? 1);
    });
  }

  lag(groupId: string, topics: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    return this.ask(async (admin) => {
      const committed = await admin.fetchOffsets({ groupId, topics: [...topics] });
      const lags = new Map<string, bigint>();
      for (const { topic, partitions } of committed) {
        const positions = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
        const ends = await admin.fetchTopicOffsets(topic);
        lags.set(
          topic,
          ends.reduce((sum, end) => sum + lagOf(end, positions.get(end.partition)), 0n),
        );
      }
      return lags;
    });
  }

  async ping(): Promise<void> {
    await this.ask((admin) => admin.describeCluster());
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop()));
    await this.publisher.close();
    this.dropAdmin();
  }

  /** An admin question with our own deadline and few retries: right after a topic's creation the broker may not lead it yet. */
  private async ask<Answer>(request: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    let last: unknown;
    for (let attempt = 1; attempt <= ADMIN_LIMITS.attemptsMax; attempt += 1) {
      this.admin ??= connectAdmin(this.options);
      const admin = this.admin;
      try {
        return await withDeadline(admin.then(request), ADMIN_LIMITS.attemptTimeoutMs, 'admin request');
      } catch (error) {
        last = error;
        if (this.admin === admin) this.dropAdmin();
        await pauseFor(backoffMs(attempt, ADMIN_LIMITS.initialBackoffMs, ADMIN_LIMITS.backoffCapMs));
      }
    }
    throw unavailable(last);
  }

  private dropAdmin(): void {
    const admin = this.admin;
    this.admin = undefined;
    admin
      ?.then((connected) => withDeadline(connected.disconnect(), CLIENT_LIMITS.connectTimeoutMs, 'disconnect'))
      // A client that is given up may fail to say goodbye.
      .catch(() => undefined);
  }
}

async function connectAdmin(connection: KafkaConnection): Promise<Admin> {
  const admin = newKafkaClient(connection, CLIENT_LIMITS.stepRetriesMax).admin();
  await admin.connect();
  return admin;
}

async function createMissing(admin: Admin, topics: readonly TopicToCreate[], replicationFactor: number): Promise<void> {
  try {
    await admin.createTopics({
      // The client's own wait gives up on brokers that have not yet heard of the new topic.
      waitForLeaders: false,
      topics: topics.map(({ topic, partitions, config }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(config ?? {}).map(([name, value]) => ({ name, value })),
      })),
    });
  } catch (error) {
    // Another process created one of them meanwhile; the broker created the others.
    if (protocolErrorType(error) !== 'TOPIC_ALREADY_EXISTS') throw error;
  }
  await untilLed(
    admin,
    topics.map(({ topic }) => topic),
  );
}

/** Waits until every partition has a leader; the caller's deadline bounds it. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  for (let tries = 0; tries < CLIENT_LIMITS.leaderTriesMax; tries += 1) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics });
      if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      const type = protocolErrorType(error);
      if (type !== 'UNKNOWN_TOPIC_OR_PARTITION' && type !== 'LEADER_NOT_AVAILABLE') throw error;
    }
    await sleep(CLIENT_LIMITS.leaderPollMs);
  }
  throw new Error('the new topics got no leader in time');
}

function lagOf(end: { readonly high: string; readonly low: string }, committed: bigint | undefined): bigint {
  const position = committed === undefined || committed < 0n ? BigInt(end.low) : committed;
  const lag = BigInt(end.high) - position;
  return lag > 0n ? lag : 0n;
}
