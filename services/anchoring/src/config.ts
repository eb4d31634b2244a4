/** Limits of the anchoring service: every loop, queue, batch, retry and timeout. */
export const LIMITS = {
  /** Leaf entries that one step of the sequencer reads and hashes at a time. */
  sequenceEntriesMax: 8_192,
  /** A sequencer looks for entries at least this often, should a wake-up be lost. */
  sequencePollMs: 5_000,
  /** Expanded tiles kept in memory, 16 KiB each. */
  tilesCachedMax: 512,

  /** Least time between two commits to the chain. */
  commitIntervalMs: 1_000,
  /** How often an idle publisher looks whether the chain still has what it accepted. */
  chainCheckMs: 30_000,
  /** Heads asked for at once when the chain was rewound. */
  rewoundHeadsMax: 100,

  /** First and longest pause after a failure of sequencer or publisher. */
  retryPauseMinMs: 250,
  retryPauseMaxMs: 10_000,

  /** How often it is made sure that the consumer was started. */
  consumerCheckMs: 60_000,

  /** Least time between two attempts to fill the same gap from the beginning of the topic. */
  backfillPauseMs: 60_000,

  /** Entries in one message of ReadEntries. */
  entriesPerChunk: 1_000,

  /** Requests for static resources at work at once, of how many connections, and how long one may take to arrive. */
  staticRequestsMax: 64,
  staticConnectionsMax: 512,
  staticRequestMs: 10_000,
  staticHeaderBytesMax: 8_192,
  /** How long requests under way may take to end when the service stops. */
  staticDrainMs: 1_000,
  /** How long a checkpoint may be kept by who fetched it. */
  checkpointCachedSeconds: 1,
} as const;
