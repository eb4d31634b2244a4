import { DomainError } from '@countersign/kernel';
import { count, silentLogger, type Logger } from '@countersign/observability';
import { LOOP_LIMITS } from './config.js';
import { deadLetterOf } from './dead-letter.js';
import type { BatchProgress, Consumption, EventBus, IncomingMessage, PartitionBatch } from './event-bus.js';
import { keyedGroups, runGroups } from './keyed-groups.js';
import { MessageLedger, type RetryLimits } from './message-ledger.js';
import { DONE, outcomeOf, type Outcome } from './outcome.js';
import { deadLetterTopic } from './topics.js';

/** Handles one message. Returning nothing means done; a thrown error is judged by `outcomeOf`. */
export type MessageHandler = (message: IncomingMessage) => Promise<Outcome | undefined | void>;

/**
 * Handles the messages of one partition together and returns one outcome for each, in the same order. Keeping the order of a key
 * is the handler's own task: after a `wait` or `retry` it MUST give the same outcome to the later messages of that key.
 */
export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<readonly Outcome[]>;

export interface ConsumerOptions {
  readonly bus: EventBus;
  readonly groupId: string;
  /** Full topic names, prefix included. */
  readonly topics: readonly string[];
  /** Exactly one of the two. */
  readonly handle?: MessageHandler;
  readonly handleBatch?: BatchHandler;
  /**
   * `key` (default): messages of one key in order, others overtake one that waits. `partition`: strictly in order,
   * everything waits. Counts for `handle` only.
   */
  readonly order?: 'key' | 'partition';
  /** How many messages of one partition `handle` works on at once, each of another key. Default 1. */
  readonly concurrency?: number;
  /** How many partitions are worked on at once. Default 4. */
  readonly partitionsAtOnce?: number;
  /** Values larger than this go to the dead letter topic unread. Absent: no limit but the broker's. */
  readonly valueBytesMax?: number;
  readonly limits?: Partial<RetryLimits>;
  readonly log?: Logger;
}

/**
 * Consumes until stopped. Every message is settled, that is handled or put into its dead letter topic, before its offset is committed;
 * a crash in between delivers it again, so effects MUST be deduplicated in the handler's own transaction. A message that fails is tried
 * again with backoff within the bounds of `LOOP_LIMITS` while its neighbours go on; then it is dead-lettered. Order is kept per key.
 *
 * @throws DomainError DEPENDENCY_UNAVAILABLE when the broker does not answer at the start
 */
export async function runConsumer(options: ConsumerOptions): Promise<Consumption> {
  if ((options.handle === undefined) === (options.handleBatch === undefined)) {
    throw new DomainError('INTERNAL', { rule: 'a consumer has either handle or handleBatch' });
  }
  const loop = new ConsumerLoop(options);
  const { groupId, topics, partitionsAtOnce } = options;
  return options.bus.consume({ groupId, topics, partitionsAtOnce }, (batch) => loop.work(batch));
}

class ConsumerLoop {
  /** By `topic/partition`; one partition is never worked on twice at a time. */
  private readonly ledgers = new Map<string, MessageLedger>();
  private readonly limits: RetryLimits;
  private readonly log: Logger;

  constructor(private readonly options: ConsumerOptions) {
    this.limits = { ...LOOP_LIMITS, ...options.limits };
    this.log = (options.log ?? silentLogger).with({ groupId: options.groupId });
  }

  async work(batch: PartitionBatch): Promise<BatchProgress> {
    const ledger = this.ledgerOf(batch);
    const due = batch.messages.filter(({ offset }) => !ledger.isSettled(offset));
    const outcomes = await this.outcomesOf(due, batch);
    await this.settle(batch, ledger, outcomes);
    return this.commit(batch, ledger);
  }

  private ledgerOf(batch: PartitionBatch): MessageLedger {
    const partition = `${batch.topic}/${batch.partition}`;
    let ledger = this.ledgers.get(partition);
    if (ledger?.assignment !== batch.assignment) {
      ledger = new MessageLedger(batch.assignment, this.limits);
      this.ledgers.set(partition, ledger);
    }
    return ledger;
  }

  /** Outcomes of the messages that were tried; the others follow in a later delivery. */
  private async outcomesOf(due: readonly IncomingMessage[], batch: PartitionBatch): Promise<ReadonlyMap<bigint, Outcome>> {
    const outcomes = new Map<bigint, Outcome>();
    const handled = due.filter((message) => {
      if (!this.isOversized(message)) return true;
      outcomes.set(message.offset, { kind: 'reject', reason: 'OVERSIZE', code: 'MESSAGE_TOO_LARGE', field: 'value' });
      return false;
    });
    if (handled.length === 0) return outcomes;
    if (this.options.handleBatch !== undefined) await this.tryBatch(this.options.handleBatch, handled, outcomes);
    else await this.tryEach(handled, batch, outcomes);
    return outcomes;
  }

  private isOversized({ value }: IncomingMessage): boolean {
    return this.options.valueBytesMax !== undefined && (value?.length ?? 0) > this.options.valueBytesMax;
  }

  private async tryBatch(
    handleBatch: BatchHandler,
    messages: readonly IncomingMessage[],
    outcomes: Map<bigint, Outcome>,
  ): Promise<void> {
    let results: readonly Outcome[];
    try {
      results = await handleBatch(messages);
      if (results.length !== messages.length) throw new Error('A batch handler must return one outcome for each message.');
    } catch (error) {
      // The batch as a whole failed and nobody knows for which message; a handler that knows returns outcomes.
      results = messages.map(() => outcomeOf(error));
    }
    messages.forEach(({ offset }, index) => outcomes.set(offset, results[index] ?? DONE));
  }

  private async tryEach(
    messages: readonly IncomingMessage[],
    batch: PartitionBatch,
    outcomes: Map<bigint, Outcome>,
  ): Promise<void> {
    const groups = this.options.order === 'partition' ? [messages] : keyedGroups(messages);
    await runGroups(groups, this.options.concurrency ?? LOOP_LIMITS.concurrency, async (message) => {
      if (!batch.isCurrent()) return false;
      const outcome = await this.tryOne(message);
      outcomes.set(message.offset, outcome);
      return outcome.kind === 'done' || outcome.kind === 'reject';
    });
  }

  private async tryOne(message: IncomingMessage): Promise<Outcome> {
    try {
      return (await this.options.handle?.(message)) ?? DONE;
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** After this, what is settled is durable: by its handler, or in the dead letter topic. */
  private async settle(batch: PartitionBatch, ledger: MessageLedger, outcomes: ReadonlyMap<bigint, Outcome>): Promise<void> {
    const burials: Promise<void>[] = [];
    for (const message of batch.messages) {
      const outcome = outcomes.get(message.offset);
      if (outcome !== undefined) this.settleOne(message, outcome, ledger, burials);
    }
    const failed = (await Promise.allSettled(burials)).find((burial) => burial.status === 'rejected');
    // What could not be buried stays unsettled: the batch comes again.
    if (failed !== undefined) throw failed.reason;
  }

  private settleOne(message: IncomingMessage, outcome: Outcome, ledger: MessageLedger, burials: Promise<void>[]): void {
    const final = outcome.kind === 'done' ? outcome : ledger.afterAttempt(message, outcome);
    count('messagesHandled', 1, { topic: message.topic, outcome: final.kind });
    switch (final.kind) {
      case 'done':
        return ledger.settle(message.offset);
      case 'reject':
        return void burials.push(this.bury(message, final, ledger));
      default:
        return this.tell(message, final, ledger);
    }
  }

  private async bury(
    message: IncomingMessage,
    outcome: Extract<Outcome, { kind: 'reject' }>,
    ledger: MessageLedger,
  ): Promise<void> {
    const topic = deadLetterTopic(message.topic);
    const history = ledger.historyOf(message.offset);
    const { groupId } = this.options;
    try {
      await this.options.bus.publish(topic, [deadLetterOf(message, outcome, history, groupId)]);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'MESSAGE_TOO_LARGE') throw error;
      await this.options.bus.publish(topic, [deadLetterOf(message, outcome, history, groupId, true)]);
    }
    ledger.settle(message.offset);
    count('messagesDeadLettered', 1, { topic: message.topic, reason: outcome.reason });
    const { partition, offset } = message;
    this.log.warn('message-dead-lettered', {
      topic: message.topic,
      partition,
      offset,
      reason: outcome.reason,
      code: outcome.code,
      field: outcome.field,
      rule: outcome.rule,
      attempt: history.attempts,
    });
  }

  private tell(message: IncomingMessage, outcome: Outcome, ledger: MessageLedger): void {
    const { topic, partition, offset } = message;
    const attempt = ledger.historyOf(offset).attempts;
    // A message that keeps failing is told on its 1st, 2nd, 4th, 8th … attempt.
    if ((attempt & (attempt - 1)) !== 0) return;
    const facts = { topic, partition, offset, attempt };
    if (outcome.kind === 'wait') this.log.info('message-waits', facts);
    if (outcome.kind === 'retry') this.log.warn('message-retried', { ...facts, error: outcome.error });
  }

  private async commit(batch: PartitionBatch, ledger: MessageLedger): Promise<BatchProgress> {
    const firstOffset = batch.messages[0]?.offset ?? 0n;
    const head = batch.messages.find(({ offset }) => !ledger.isSettled(offset));
    const next = head?.offset ?? (batch.messages.at(-1)?.offset ?? -1n) + 1n;
    if (next > firstOffset) {
      // If this does not succeed, everything from the last committed offset comes again, maybe to another member.
      await batch.commit(next);
      ledger.forgetBefore(next);
    }
    return { next, pauseMs: head === undefined ? 0 : ledger.pauseMs(head.offset) };
  }
}
