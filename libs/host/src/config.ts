/** Named limits of a service process. */
export const LIMITS = {
  /** Connections of the service's own database pool. */
  databaseConnectionsMax: 12,
  /** How long a start waits for a part that does not answer yet. */
  startRetryMs: 30_000,
  startRetryPauseMs: 500,
  /** From SIGTERM to the end of the process. */
  stopMs: 10_000,
  /** Of it, how long open gRPC calls may take to end by themselves. */
  drainMs: 5_000,
  /** How long a request to the HTTP door of `startHttpService` may take to arrive as a whole. */
  httpRequestMs: 10_000,
  /** How long one probe of `/health/ready` may take. */
  probeMs: 2_000,
  /** How long its result is good for. */
  probeKeptMs: 1_000,
  /** Pause between two questions to anchoring how far this log is anchored, until it answers. */
  anchorCheckPauseMs: 2_000,

  /** Fresh unit keys that are kept at hand, and the count below which more are drawn. */
  unitKeysPooled: 1_000,
  unitKeysLow: 500,
  /** How long a command waits for a fresh unit key when the pool is empty. */
  unitKeyWaitMs: 5_000,
  /** How long a failed key service is left alone while the pool lasts. */
  unitKeyRestMs: 500,
  /** Unit keys kept for reading, and for how long: a destroyed key must stop opening records soon. */
  unitKeysCachedMax: 20_000,
  unitKeysCachedMs: 300_000,
  /** Key ids of one request to the key service. */
  unitKeysAskedMax: 5_000,

  /** Facts of one partition that are handled at once, each of another subject. */
  factsAtOnce: 32,

  /** One message of `ReadLog`. */
  logChunkRecordsMax: 512,
  logChunkBytesMax: 1024 * 1024,
} as const;

/** Named limits of subscriptions to the log of a service. */
export const SUBSCRIPTION_LIMITS = {
  ofPrincipalMax: 8,
  ofOrganisationMax: 48,
  ofServiceMax: 192,
  pageRowsMax: 256,
  pageBytesMax: 256 * 1024,
  readsMax: 3,
  pollMs: 5_000,
  heartbeatMs: 10_000,
  readerIdleMaxMs: 5 * 60_000,
  readerGraceMs: 30_000,
} as const;
