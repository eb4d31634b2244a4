/** Limits of the Kafka client: every queue, batch, retry and timeout. */
export const CLIENT_LIMITS = {
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 10_000,
  initialRetryMs: 100,
  retryCapMs: 2_000,
  /** Retries inside kafkajs for one step of the producer or admin client; beyond them the client is replaced. */
  stepRetriesMax: 3,
  /** How often a new topic is looked at until it has a leader, and the pause between. */
  leaderTriesMax: 100,
  leaderPollMs: 50,
  /** zstd content larger than this is refused: a compression bomb must not take the consumer down. */
  decompressedBytesMax: 64 * 1024 * 1024,
} as const;

/** Limits of the publisher. */
export const PUBLISH_LIMITS = {
  /** Records of one request. */
  recordsMax: 1_000,
  /** Bytes of one request: below the broker's default limit for one record batch (1 MiB). */
  bytesMax: 768 * 1024,
  /** Own deadline of one attempt: a broker that hangs keeps its connections open, so kafkajs would wait for minutes. */
  attemptTimeoutMs: 6_000,
  /** No attempt begins later than this after the first. */
  giveUpAfterMs: 45_000,
  unknownTopicAttemptsMax: 2,
  initialBackoffMs: 100,
  backoffCapMs: 2_000,
  /** Records that wait in memory; more are refused with OVERLOADED. */
  waitingRecordsMax: 50_000,
} as const;

/** Limits of administrative questions (topics, lag, ping). */
export const ADMIN_LIMITS = {
  attemptsMax: 3,
  attemptTimeoutMs: 8_000,
  initialBackoffMs: 100,
  backoffCapMs: 500,
} as const;

/** Limits of a group member. */
export const CONSUME_LIMITS = {
  maxWaitMs: 250,
  /** How long a killed member holds its partitions. */
  sessionTimeoutMs: 10_000,
  heartbeatMs: 1_500,
  rebalanceTimeoutMs: 30_000,
  partitionBytesMax: 1024 * 1024,
  fetchBytesMax: 8 * 1024 * 1024,
  partitionsAtOnce: 4,
  startTimeoutMs: 30_000,
  stopTimeoutMs: 30_000,
  /** No sign of life from the client for this long: it is replaced. */
  stallTimeoutMs: 45_000,
  stallCheckMs: 5_000,
  /** How long a partition rests after its handler failed. */
  failurePauseMs: 1_000,
  initialBackoffMs: 200,
  backoffCapMs: 5_000,
} as const;

/** Limits of the consumer loop. */
export const LOOP_LIMITS = {
  /** Attempts for a message whose handling fails without a known reason; then it is POISON. */
  attemptsMax: 5,
  /** Attempts while a dependency is down. That is nobody's fault and passes: about an hour at the capped pause. */
  unavailableAttemptsMax: 720,
  /** Waits for a message that must come first; then the message is OUT_OF_ORDER. About half an hour at the capped pause. */
  waitsMax: 360,
  initialBackoffMs: 100,
  backoffCapMs: 5_000,
  /** Messages of different keys that one partition works on at once, if the subscriber does not say otherwise. */
  concurrency: 1,
  /** Largest value accepted on `in.*` topics. */
  valueBytesMax: 256 * 1024,
} as const;
