import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Logger } from '@countersign/observability';
import { CLIENT_LIMITS, CONSUME_LIMITS } from './config.js';
import { backoffMs, pauseFor, withDeadline } from './deadline.js';
import type {
  BatchProgress,
  Consumption,
  IncomingHeaders,
  IncomingMessage,
  PartitionBatch,
  PartitionHandler,
  Subscription,
} from './event-bus.js';
import { newKafkaClient, type KafkaConnection } from './kafkajs-client.js';
import { failureName, isMembershipLost, unavailable } from './kafkajs-errors.js';

/**
 * One member of a group. kafkajs restarts nothing here: when its consumer crashes, hangs or ends, this class replaces the whole client,
 * after the handlers that still run have ended, so that batches of one partition never overlap.
 */
export class KafkaConsumption implements Consumption {
  private consumer: Consumer | undefined;
  /** Counts assignments over all clients of this member. */
  private assignment = 0;
  private joined = false;
  private lastSignMs = Date.now();
  private replacing: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();
  /** Timers that resume paused partitions, by `topic/partition`. Cleared with every assignment. */
  private readonly resumes = new Map<string, NodeJS.Timeout>();
  private watchdog: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly subscription: Subscription,
    private readonly handler: PartitionHandler,
    private readonly log: Logger,
  ) {}

  async start(): Promise<this> {
    try {
      await this.open();
    } catch (error) {
      await this.stop();
      throw unavailable(error);
    }
    this.watchdog = setInterval(() => this.replaceIfStalled(), CONSUME_LIMITS.stallCheckMs).unref();
    return this;
  }

  isJoined(): boolean {
    return this.joined;
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopOnce();
    return this.stopped;
  }

  private async stopOnce(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.watchdog);
    await this.replacing;
    await this.close();
  }

  private async open(): Promise<void> {
    const consumer = newKafkaClient(this.connection, CLIENT_LIMITS.stepRetriesMax).consumer({
      groupId: this.subscription.groupId,
      maxWaitTimeInMs: CONSUME_LIMITS.maxWaitMs,
      sessionTimeout: CONSUME_LIMITS.sessionTimeoutMs,
      heartbeatInterval: CONSUME_LIMITS.heartbeatMs,
      rebalanceTimeout: CONSUME_LIMITS.rebalanceTimeoutMs,
      maxBytesPerPartition: CONSUME_LIMITS.partitionBytesMax,
      maxBytes: CONSUME_LIMITS.fetchBytesMax,
      allowAutoTopicCreation: false,
      retry: { retries: CLIENT_LIMITS.stepRetriesMax, restartOnFailure: () => Promise.resolve(false) },
    });
    this.consumer = consumer;
    this.lastSignMs = Date.now();
    this.listen(consumer);
    await withDeadline(this.join(consumer), CONSUME_LIMITS.startTimeoutMs, 'consumer start');
  }

  private async join(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.subscription.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.subscription.partitionsAtOnce ?? CONSUME_LIMITS.partitionsAtOnce,
      eachBatch: (payload) => this.track(this.work(consumer, payload)),
    });
    if (consumer === this.consumer && !this.joined) throw new Error('The consumer did not join its group.');
  }

  private listen(consumer: Consumer): void {
    const { events } = consumer;
    const sign = (): void => {
      if (consumer === this.consumer) this.lastSignMs = Date.now();
    };
    consumer.on(events.FETCH, sign);
    consumer.on(events.HEARTBEAT, sign);
    consumer.on(events.REBALANCING, () => {
      sign();
      this.log.info('kafka-rebalancing', { groupId: this.subscription.groupId });
    });
    consumer.on(events.GROUP_JOIN, () => {
      sign();
      if (consumer === this.consumer) this.beginAssignment(consumer);
    });
    consumer.on(events.CRASH, ({ payload }) => {
      if (consumer === this.consumer) this.replace(failureName(payload.error));
    });
  }

  /** From here on the broker accepts commits of the new generation only; what runs for the old one must not commit any more. */
  private beginAssignment(consumer: Consumer): void {
    this.assignment += 1;
    this.joined = true;
    this.clearPauses();
    const paused = consumer.paused();
    if (paused.length > 0) consumer.resume(paused);
  }

  private clearPauses(): void {
    for (const timer of this.resumes.values()) clearTimeout(timer);
    this.resumes.clear();
  }

  private track(work: Promise<void>): Promise<void> {
    const settled = work.catch(() => undefined).finally(() => this.running.delete(settled));
    this.running.add(settled);
    return work;
  }

  private async work(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const assignment = this.assignment;
    const owns = (): boolean => consumer === this.consumer && this.joined && assignment === this.assignment;
    const turn = new BatchTurn(payload, assignment, owns, this.stopping.signal);
    const beat = setInterval(() => void turn.heartbeat(), CONSUME_LIMITS.heartbeatMs);
    let progress: BatchProgress;
    try {
      progress = await this.handler(turn.batch);
    } catch (error) {
      this.log.warn('kafka-handler-failed', {
        topic: payload.batch.topic,
        partition: payload.batch.partition,
        reason: failureName(error),
      });
      progress = { next: turn.firstOffset, pauseMs: CONSUME_LIMITS.failurePauseMs };
    } finally {
      clearInterval(beat);
    }
    if (owns() && !this.stopping.signal.aborted) this.goOn(consumer, payload, turn, progress);
    // Tells kafkajs that it has to join again; swallowing it would keep a member that the group has given up.
    if (turn.lost !== undefined) throw turn.lost;
  }

  /** kafkajs fetches next what follows the last resolved offset; leaving a suffix unresolved delivers it again. */
  private goOn(
    consumer: Consumer,
    { batch, resolveOffset, pause }: EachBatchPayload,
    turn: BatchTurn,
    progress: BatchProgress,
  ): void {
    if (progress.next > turn.firstOffset) resolveOffset(String(progress.next - 1n));
    if (progress.pauseMs === undefined || progress.pauseMs <= 0) return;
    const resume = pause();
    const partition = `${batch.topic}/${batch.partition}`;
    clearTimeout(this.resumes.get(partition));
    const timer = setTimeout(() => {
      this.resumes.delete(partition);
      if (consumer === this.consumer) resume();
    }, progress.pauseMs);
    this.resumes.set(partition, timer);
  }

  private replaceIfStalled(): void {
    if (this.running.size > 0) this.lastSignMs = Date.now();
    if (Date.now() - this.lastSignMs > CONSUME_LIMITS.stallTimeoutMs) this.replace('stalled');
  }

  private replace(failure: string): void {
    if (this.stopping.signal.aborted || this.replacing !== undefined) return;
    this.log.warn('kafka-consumer-replaced', { groupId: this.subscription.groupId, reason: failure });
    this.replacing = this.replaceClient().finally(() => (this.replacing = undefined));
  }

  private async replaceClient(): Promise<void> {
    const { signal } = this.stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      await this.close();
      await pauseFor(backoffMs(attempt, CONSUME_LIMITS.initialBackoffMs, CONSUME_LIMITS.backoffCapMs), signal);
      if (signal.aborted) return;
      try {
        await this.open();
        return;
      } catch (error) {
        this.log.warn('kafka-consumer-start-failed', { groupId: this.subscription.groupId, attempt, reason: failureName(error) });
      }
    }
  }

  /** Leaves the group. While handlers end, their commits still count: membership is given up after them. */
  private async close(): Promise<void> {
    const consumer = this.consumer;
    this.clearPauses();
    if (consumer !== undefined) {
      try {
        await withDeadline(consumer.disconnect(), CONSUME_LIMITS.stopTimeoutMs, 'consumer stop');
      } catch (error) {
        this.log.warn('kafka-consumer-stop-failed', { groupId: this.subscription.groupId, reason: failureName(error) });
      }
    }
    this.joined = false;
    this.consumer = undefined;
    await Promise.all(this.running);
  }
}

/** One delivery of a batch: what its handler may still do. */
class BatchTurn {
  readonly batch: PartitionBatch;
  readonly firstOffset: bigint;
  /** Set once the group gave this member up or asks it to join again. */
  lost: unknown;

  constructor(
    private readonly payload: EachBatchPayload,
    assignment: number,
    private readonly owns: () => boolean,
    stopping: AbortSignal,
  ) {
    const { topic, partition, messages } = payload.batch;
    const records = messages.map((message) => toIncoming(topic, partition, message));
    this.firstOffset = records[0]?.offset ?? 0n;
    this.batch = {
      topic,
      partition,
      messages: records,
      assignment,
      isCurrent: () => this.lost === undefined && this.owns() && payload.isRunning() && !stopping.aborted,
      commit: (nextOffset) => this.commit(nextOffset),
    };
  }

  async heartbeat(): Promise<void> {
    try {
      await this.payload.heartbeat();
    } catch (error) {
      // Other failures show in the fetch loop, which knows how to recover.
      if (isMembershipLost(error)) this.lost = error;
    }
  }

  private async commit(nextOffset: bigint): Promise<boolean> {
    // kafkajs would commit under its newest generation, whoever owns the partition by now (tulios/kafkajs#1046).
    // A stopping member still owns its partitions until it leaves, so what is done is committed.
    if (!this.owns()) return false;
    const { topic, partition } = this.payload.batch;
    try {
      await this.payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }],
      });
      return true;
    } catch (error) {
      if (!isMembershipLost(error)) throw unavailable(error);
      this.lost = error;
      return false;
    }
  }
}

function toIncoming(topic: string, partition: number, message: KafkaMessage): IncomingMessage {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers),
    timestampMs: Number(message.timestamp),
  };
}

/** kafkajs gives a plain object whose inherited members leak into values of headers named like them: only buffers are kept. */
function toHeaders(headers: KafkaMessage['headers']): IncomingHeaders {
  const result = new Map<string, readonly Buffer[]>();
  for (const [name, value] of Object.entries(headers ?? {})) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    result.set(
      name,
      values.filter((each): each is Buffer => Buffer.isBuffer(each)),
    );
  }
  return result;
}
