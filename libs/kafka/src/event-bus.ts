/** Header values of an incoming record. A name that occurs more than once holds all its values, in order. */
export type IncomingHeaders = ReadonlyMap<string, readonly Buffer[]>;

/** A record to publish. No confidential value may stand in a key or a header. */
export interface OutgoingMessage {
  /** Decides the partition; records with one key keep their order. Null spreads records. */
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[]>>;
}

/** Records for one topic, in the order in which they shall stand there. */
export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly OutgoingMessage[];
}

/** A record as it stands in a partition. */
export interface IncomingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IncomingHeaders;
  /** Milliseconds since the epoch, as the producer or the broker stated. */
  readonly timestampMs: number;
}

/** Consecutive records of one partition (gaps in the offsets are possible, their order is not). Never empty. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly IncomingMessage[];
  /**
   * Counts assignments of this consumer; a handler that keeps state per partition MUST drop it when the number changes,
   * because another consumer may have worked on the partition in between.
   */
  readonly assignment: number;
  /** False once the partition is being taken away or the consumer stops: finish what runs, start nothing new. */
  isCurrent(): boolean;
  /**
   * Makes `nextOffset` the group's position. MUST be called only after the effects of everything before it are durable.
   * Returns false, committing nothing, if the partition is no longer this consumer's; the records then come again, maybe elsewhere.
   */
  commit(nextOffset: bigint): Promise<boolean>;
}

/** Where to go on in this partition, and how long to leave it alone before. */
export interface BatchProgress {
  /** The offset to deliver next; at most one past the last record of the batch. */
  readonly next: bigint;
  readonly pauseMs?: number;
}

/**
 * Works on one batch. Batches of one partition never overlap; batches of different partitions may run at once.
 * A rejected promise delivers the batch again.
 */
export type PartitionHandler = (batch: PartitionBatch) => Promise<BatchProgress>;

/** What to consume. A new group begins at the oldest record. */
export interface Subscription {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** How many partitions this consumer works on at once. Default 4. */
  readonly partitionsAtOnce?: number;
}

/** A running consumer. */
export interface Consumption {
  /** Lets running handlers end, leaves the group, disconnects. Idempotent. */
  stop(): Promise<void>;
  /** True while the consumer is a member of its group. */
  isJoined(): boolean;
}

/** A topic as it has to exist. */
export interface TopicToCreate {
  readonly topic: string;
  readonly partitions: number;
  /** Broker settings, e.g. `max.message.bytes`. */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * The message broker, as little of it as we use. At least once: a record may reach a topic more than once (a new producer after an unknown
 * outcome), so consumers deduplicate in their own database transaction (design §5).
 */
export interface EventBus {
  /**
   * Publishes records of one topic; see {@link EventBus.publishAll}.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE, MESSAGE_TOO_LARGE
   */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /**
   * Publishes records of several topics. Resolves only when all in-sync replicas have all of them. Records with one key keep their order,
   * also across calls that were made one after the other without waiting. After a rejection some records may stand there nevertheless: publish them again.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE when no broker acknowledged within the bounded retries, or a topic does not exist
   * @throws DomainError MESSAGE_TOO_LARGE when a record exceeds the topic's limit; records of the same call before it may have been written
   */
  publishAll(batches: readonly TopicMessages[]): Promise<void>;
  /**
   * Consumes as a member of a group until stopped. Survives broker failures by itself.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE when the broker does not answer at the start
   */
  consume(subscription: Subscription, handler: PartitionHandler): Promise<Consumption>;
  /** Creates the topics that do not exist yet; existing ones stay as they are. */
  createTopics(topics: readonly TopicToCreate[]): Promise<void>;
  /** How many records the group has not committed yet, summed over a topic's partitions. */
  lag(groupId: string, topics: readonly string[]): Promise<ReadonlyMap<string, bigint>>;
  /**
   * Asks the broker for its metadata.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  ping(): Promise<void>;
  /** Stops all consumers, lets pending publications end, disconnects. Idempotent. */
  close(): Promise<void>;
}
