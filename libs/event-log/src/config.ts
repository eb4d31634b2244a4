/** Limits of the journal. Each answers a fault: nothing here may grow without bound. */
export interface JournalLimits {
  /** Attempts of one command before a version conflict is reported. */
  readonly attemptsMax: number;
  /** Commands between entry and answer; the next one is OVERLOADED. */
  readonly commandsInFlightMax: number;
  /** Streams whose folded state is kept in memory. */
  readonly foldedStreamsMax: number;
  /** Events that these states were folded from, all together: long streams take memory, not only many. */
  readonly foldedEventsMax: number;
  /** A kept state is folded anew, beside the commands, after it was used this often for each of its events. */
  readonly usesPerRefoldedEvent: number;
  /** And not before it was used this often. */
  readonly usesMin: number;
}

export const JOURNAL_LIMITS: JournalLimits = {
  attemptsMax: 10,
  commandsInFlightMax: 4_096,
  foldedStreamsMax: 10_000,
  foldedEventsMax: 500_000,
  usesPerRefoldedEvent: 8,
  usesMin: 1_000,
};

/** Limits of the group commit. */
export interface AppendLimits {
  /** Commands and events of one batch, each. */
  readonly batchCountMax: number;
  /** A single larger command goes alone. */
  readonly batchBytesMax: number;
  /** Commands that a batch has to have to be sent while another one is under way; below, its fixed costs outweigh what is hidden. */
  readonly batchBesideCountMin: number;
  readonly queuedCommandsMax: number;
  readonly queuedBytesMax: number;
  /** How long an append may run; the server gives up a second earlier than the client. */
  readonly statementMs: number;
  /** How long an unknown outcome is looked for before the caller is told to repeat. */
  readonly unknownOutcomeMs: number;
  /** Pause between two looks. */
  readonly retryPauseMs: number;
}

export const APPEND_LIMITS: AppendLimits = {
  batchCountMax: 256,
  batchBytesMax: 1024 * 1024,
  batchBesideCountMin: 16,
  queuedCommandsMax: 4_096,
  queuedBytesMax: 64 * 1024 * 1024,
  statementMs: 15_000,
  unknownOutcomeMs: 10_000,
  retryPauseMs: 100,
};

/** Limits of reading. */
export const READ_LIMITS = {
  /** Rows of one stream read at once. */
  streamPageRows: 500,
  /** Rows folded before other work of the process gets its turn. */
  foldedAtOnce: 50,
  /** Streams of more than one page that are folded at a time; each holds two pages, and there is one processor to fold them. */
  longFoldsMax: 2,
  /** Lookups joined into one query, and such queries under way. */
  lookupsMax: 64,
  lookupsInFlightMax: 2,
  /** Streams that one search may find. */
  foundStreamsMax: 10_000,
  /** Rows opened before other work of the process gets its turn. */
  openedAtOnce: 50,
} as const;

/** Rows kept in memory for this process's own relay. */
export const RECENT_LIMITS = { rowsMax: 4_096, bytesMax: 16 * 1024 * 1024 } as const;

/** Limits of following the log. */
export interface FollowLimits {
  /** Rows handed on at once. */
  readonly batchRowsMax: number;
  /** How long a missed wake-up may go unnoticed. */
  readonly pollMs: number;
  readonly retryPauseMs: number;
  readonly retryPauseMaxMs: number;
}

export interface RelayLimits extends FollowLimits {
  /** A relay that does not renew its lease for this long is replaced. */
  readonly leaseMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  batchRowsMax: 1_000,
  pollMs: 5_000,
  retryPauseMs: 100,
  retryPauseMaxMs: 5_000,
  leaseMs: 15_000,
};

/** Limits of read models. */
export interface ProjectionLimits extends FollowLimits {
  /** A rebuild or comparison whose process does not move it for this long is taken over, or given up. */
  readonly leaseMs: number;
  /** Rows of a dropped generation deleted at once. */
  readonly droppedRowsMax: number;
  /** Pause after a batch that was not full, while the log grows: what comes meanwhile makes one batch instead of many. */
  readonly batchPauseMs: number;
  /** Between two looks at the progress of a rebuild. */
  readonly progressMs: number;
  /** Batches that are projected while the live generation is held; more are projected before. */
  readonly heldBatchesMax: number;
}

export const PROJECTION_LIMITS = {
  batchRowsMax: 500,
  pollMs: 5_000,
  retryPauseMs: 100,
  retryPauseMaxMs: 5_000,
  leaseMs: 15_000,
  droppedRowsMax: 10_000,
  batchPauseMs: 50,
  progressMs: 500,
  heldBatchesMax: 4,
  /** Differences that a comparison spells out. */
  differencesMax: 1_000,
  /** How long a query waits for a position, and how often it looks. */
  reachMs: 5_000,
  reachPollMs: 20,
} as const satisfies ProjectionLimits & Record<string, number>;
