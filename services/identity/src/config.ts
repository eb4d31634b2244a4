/** Named limits of identity. */
export const LIMITS = {
  /** Life of an access token. */
  tokenLifetimeSeconds: 600,
  /** How long a used assertion id is remembered after the assertion expired; covers the tolerance for clocks. */
  assertionKeptSeconds: 60,
  /** Pause between two sweeps of expired assertion ids. */
  assertionSweepMs: 60_000,
  /** Pseudonyms kept in memory; they never change. */
  pseudonymsCachedMax: 5_000,
  /** Unit keys that identity draws for its own log at a time. */
  ownKeysDrawn: 200,
  /** Connections to the database of unit keys. */
  keysConnectionsMax: 4,
} as const;
