/** Limits of the anchoring service: every loop, queue, batch, retry and timeout. */
export const LIMITS = {
  /** Leaf entries that one step of the sequencer reads and hashes at a time. */
  sequenceEntriesMax: 8_192,
  /** A sequencer looks for entries at least this often, should a wake-up be lost. */
  sequencePollMs: 5_000,
  /** Least time between two entries of a heads log. */
  headsIntervalMs: 1_000,
  /** A heads log looks for base checkpoints at least this often, should a wake-up be lost. */
  headsPollMs: 5_000,
  /** Base entries that one heads entry takes in, unless one base checkpoint alone brings more. */
  headsEntriesMax: 16_384,
  /** Base entries put into the map at a time: nothing else runs meanwhile. */
  mapEntriesAtOnce: 512,
  /** Pages of the newest item map kept in memory, for each log; up to 2 KiB each. */
  mapPagesCachedMax: 4_096,
  /** The map is kept as it was at so many newest heads entries, and item evidence is given of somewhat fewer: a proof may take a while. */
  mapVersionsKept: 128,
  mapVersionsServed: 100,
  /** Entries that one answer of item evidence gives, of all its items together. */
  itemEntriesMax: 100_000,

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
  /** Entries with their proofs in one message of GetItemEvidence. */
  provenEntriesPerChunk: 500,
} as const;
