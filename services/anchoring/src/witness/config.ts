/** Limits of a process in witness mode. */
export const WITNESS_LIMITS = {
  /** Consistency proof lines of one request (C2SP tlog-witness). */
  proofLinesMax: 63,
  /** Request body: 63 proof lines and a checkpoint with more signatures than anybody has. */
  bodyBytesMax: 64 * 1024,
  databaseConnectionsMax: 6,
  /** Logs that one witness follows, counted by keys. */
  knownKeysMax: 1_000,
  /** Fork proofs kept of one log: the first ones say all there is to say, and nobody fills the disk with more. */
  forksKeptMax: 100,
} as const;
