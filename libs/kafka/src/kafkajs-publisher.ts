import { DomainError } from '@countersign/kernel';
import kafkajs from 'kafkajs';
import type { Message, Producer } from 'kafkajs';
import type { Logger } from '@countersign/observability';
import { CLIENT_LIMITS, PUBLISH_LIMITS } from './config.js';
import { backoffMs, pauseFor, withDeadline } from './deadline.js';
import type { OutgoingMessage, TopicMessages } from './event-bus.js';
import { newKafkaClient, type KafkaConnection } from './kafkajs-client.js';
import { failureName, isTooLarge, isUnknownTopic, unavailable } from './kafkajs-errors.js';
import { messageBytes } from './message-size.js';
import { keyPartitioner } from './partitioner.js';

/** Compression of published record batches. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Part of one call that fits one request. */
interface Parcel {
  readonly batches: TopicMessages[];
  records: number;
  bytes: number;
}

/** One call of `publishAll`. */
interface Call {
  readonly parcels: readonly Parcel[];
  readonly records: number;
  resolve(): void;
  reject(error: unknown): void;
}

const COMPRESSION_TYPES = {
  none: kafkajs.CompressionTypes.None,
  gzip: kafkajs.CompressionTypes.GZIP,
  zstd: kafkajs.CompressionTypes.ZSTD,
} as const;

/**
 * Publishes in the order of calls, one request in flight. What arrives while a request is in flight goes with the next one: no timer.
 * A client whose request does not end in time is thrown away and replaced; such a retry can duplicate records, never lose them.
 */
export class OrderedPublisher {
  /** Calls not yet taken by the pump, in order. Only the pump removes. */
  private readonly waiting: Call[] = [];
  private waitingRecords = 0;
  private pump: Promise<void> | undefined;
  private producer: Promise<Producer> | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly compression: Compression,
    private readonly log: Logger,
  ) {}

  publishAll(batches: readonly TopicMessages[]): Promise<void> {
    if (this.closing.signal.aborted)
      return Promise.reject(new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'kafka', reason: 'closed' } }));
    const parcels = toParcels(batches);
    const records = parcels.reduce((sum, parcel) => sum + parcel.records, 0);
    if (records === 0) return Promise.resolve();
    if (this.waitingRecords > 0 && this.waitingRecords + records > PUBLISH_LIMITS.waitingRecordsMax) {
      return Promise.reject(new DomainError('OVERLOADED', { context: { dependency: 'kafka' } }));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ parcels, records, resolve, reject });
      this.waitingRecords += records;
      this.pump ??= this.run();
    });
  }

  /** Waits for what was accepted, then disconnects. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.pump;
    const producer = this.producer;
    this.producer = undefined;
    if (producer !== undefined) await discard(producer);
  }

  private async run(): Promise<void> {
    // Lets all calls of the current turn join the first request.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const calls = this.takeCalls();
      await this.publishCalls(calls);
      for (const call of calls) this.waitingRecords -= call.records;
    }
    // In the same turn as the last look at the queue: a call that comes later starts a new pump, none falls in between.
    this.pump = undefined;
  }

  /** The next calls that fit one request together; one that needs several requests goes alone. */
  private takeCalls(): Call[] {
    const taken: Call[] = [];
    let records = 0;
    let bytes = 0;
    while (this.waiting.length > 0) {
      const next = this.waiting[0];
      const parcel = next?.parcels[0];
      if (next === undefined || parcel === undefined) break;
      records += parcel.records;
      bytes += parcel.bytes;
      const fits = next.parcels.length === 1 && records <= PUBLISH_LIMITS.recordsMax && bytes <= PUBLISH_LIMITS.bytesMax;
      if (!fits && taken.length > 0) break;
      taken.push(next);
      this.waiting.shift();
      if (!fits) break;
    }
    return taken;
  }

  private async publishCalls(calls: readonly Call[]): Promise<void> {
    const [first] = calls;
    if (first === undefined) return;
    if (calls.length === 1) return this.publishCall(first);
    try {
      await this.send(calls.flatMap((call) => call.parcels.flatMap((parcel) => parcel.batches)));
      for (const call of calls) call.resolve();
    } catch (error) {
      // One call's oversized record or unknown topic must not fail its neighbours: each goes alone, in order.
      const separable = isTooLarge(error) || isUnknownTopic(error);
      for (const call of calls) await (separable ? this.publishCall(call) : call.reject(error));
    }
  }

  private async publishCall(call: Call): Promise<void> {
    try {
      for (const parcel of call.parcels) await this.send(parcel.batches);
      call.resolve();
    } catch (error) {
      call.reject(error);
    }
  }

  private async send(batches: readonly TopicMessages[]): Promise<void> {
    const topicMessages = mergeTopics(batches);
    const giveUpAtMs = Date.now() + PUBLISH_LIMITS.giveUpAfterMs;
    let last: unknown;
    for (let attempt = 1; attempt === 1 || Date.now() < giveUpAtMs; attempt += 1) {
      try {
        await withDeadline(this.sendOnce(topicMessages), PUBLISH_LIMITS.attemptTimeoutMs, 'publish');
        return;
      } catch (error) {
        if (isTooLarge(error)) throw new DomainError('MESSAGE_TOO_LARGE', {}, { cause: error });
        last = error;
        // Topics are created before services start; a moment is left for metadata to arrive.
        if (isUnknownTopic(error) && attempt >= PUBLISH_LIMITS.unknownTopicAttemptsMax) break;
        this.log.warn('kafka-publish-failed', { attempt, reason: failureName(error) });
        this.dropClient();
        // A stop does not wait out an outage: what was not acknowledged is published again after the next start.
        if (this.closing.signal.aborted) break;
        await pauseFor(backoffMs(attempt, PUBLISH_LIMITS.initialBackoffMs, PUBLISH_LIMITS.backoffCapMs), this.closing.signal);
      }
    }
    throw unavailable(last);
  }

  private async sendOnce(topicMessages: { topic: string; messages: Message[] }[]): Promise<void> {
    this.producer ??= this.connect();
    const producer = await this.producer;
    await producer.sendBatch({ acks: -1, compression: COMPRESSION_TYPES[this.compression], topicMessages });
  }

  private async connect(): Promise<Producer> {
    const producer = newKafkaClient(this.connection, CLIENT_LIMITS.stepRetriesMax).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: keyPartitioner,
    });
    await producer.connect();
    return producer;
  }

  private dropClient(): void {
    const producer = this.producer;
    this.producer = undefined;
    if (producer !== undefined) void discard(producer);
  }
}

/** Disconnects without caring how that ends: the client is given up. */
async function discard(producer: Promise<Producer>): Promise<void> {
  try {
    const connected = await withDeadline(producer, CLIENT_LIMITS.connectTimeoutMs, 'connect');
    await withDeadline(connected.disconnect(), CLIENT_LIMITS.connectTimeoutMs, 'disconnect');
  } catch {
    // A hung or never connected client; its sockets close with their timeouts.
  }
}

function toParcels(batches: readonly TopicMessages[]): Parcel[] {
  const parcels: Parcel[] = [];
  let current: Parcel | undefined;
  for (const { topic, messages } of batches) {
    for (const message of messages) {
      const bytes = messageBytes(message);
      if (
        current === undefined ||
        current.records >= PUBLISH_LIMITS.recordsMax ||
        current.bytes + bytes > PUBLISH_LIMITS.bytesMax
      ) {
        current = { batches: [], records: 0, bytes: 0 };
        parcels.push(current);
      }
      addToParcel(current, topic, message, bytes);
    }
  }
  return parcels;
}

function addToParcel(parcel: Parcel, topic: string, message: OutgoingMessage, bytes: number): void {
  const last = parcel.batches.at(-1);
  if (last?.topic === topic) (last.messages as OutgoingMessage[]).push(message);
  else parcel.batches.push({ topic, messages: [message] });
  parcel.records += 1;
  parcel.bytes += bytes;
}

/** kafkajs wants each topic once a request. */
function mergeTopics(batches: readonly TopicMessages[]): { topic: string; messages: Message[] }[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, messages } of batches) {
    let merged = byTopic.get(topic);
    if (merged === undefined) byTopic.set(topic, (merged = []));
    for (const message of messages) merged.push(toKafkaMessage(message));
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

function toKafkaMessage(message: OutgoingMessage): Message {
  const headers: Record<string, Buffer | string | (Buffer | string)[]> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    headers[name] = typeof value === 'string' || Buffer.isBuffer(value) ? value : [...value];
  }
  return { key: message.key, value: message.value, headers };
}
