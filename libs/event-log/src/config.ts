/** Limits of the journal. Each answers a fault: nothing here may grow without bound. */
export interface JournalLimits {
  /** Attempts of one command before a version conflict is reported. */
  readonly attemptsMax: number;
  /** Commands between entry and answer; the next one is OVERLOADED. */
  readonly commandsInFlightMax: number;
  /** Streams whose folded state is kept in memory. */
  readonly foldedStreamsMax: number;
}

export const JOURNAL_LIMITS: JournalLimits = {
  attemptsMax: 10,
  commandsInFlightMax: 4_096,
  foldedStreamsMax: 10_000,
};
