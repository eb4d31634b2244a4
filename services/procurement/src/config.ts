/** Named limits of this service. */
export const LIMITS = {
  /**
   * Messages of one partition of an `in` topic that are worked on at once, each of another key: they share appends. Four partitions
   * fill two or three appends; more would only wait, and live long enough to cost the garbage collector more than they win.
   */
  erpMessagesAtOnce: 96,
  /** How long a resolved principal of the ERP door is believed; a revoked key stops signing after this time. */
  principalCachedMs: 30_000,
  principalsCachedMax: 1_000,
  principalDeadlineMs: 5_000,
  /** How long a found organisation is believed. */
  organisationCachedMs: 30_000,
  organisationsCachedMax: 20_000,
  /** How long a lookup waits for an organisation that identity registered a moment ago, and how often it looks. */
  organisationWaitMs: 3_000,
  organisationPollMs: 100,
  /** How long a missing organisation is believed to be missing: a flood of unknown agencies must not wait one by one. */
  organisationMissedMs: 10_000,
} as const;
