import type { CommandEnvelope, DomainEvent, StreamDefinition } from '@countersign/kernel';

/** Where one event of a command stands in the log. */
export interface RecordedEvent {
  readonly eventId: string;
  /** `countersign.<context>.<Event>.v<n>` */
  readonly type: string;
  readonly streamId: string;
  /** From 0, dense within the stream. */
  readonly sequence: bigint;
  /** From 0, dense within the log; equals the leaf index. */
  readonly position: bigint;
  readonly recordDigest: Uint8Array;
}

export interface CommandOutcome<Result> {
  readonly result: Result;
  readonly recorded: readonly RecordedEvent[];
  /** True if the command id was already recorded with the same request; nothing was added. */
  readonly replayed: boolean;
}

/** A stream opened inside one command. State already includes events appended through it. */
export interface OpenStream<State, Event extends DomainEvent> {
  readonly streamId: string;
  readonly exists: boolean;
  readonly state: State;
  append(...events: Event[]): void;
  /** Lets these organisations read the stream's evidence. Whoever's organisation began it may anyway, unless a service began it. */
  share(...organisationIds: string[]): void;
}

export interface UnitOfWork {
  open<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    key: string,
  ): Promise<OpenStream<State, Event>>;
}

/** A message whose effect this command is; recorded in the same transaction so that the effect happens once. */
export interface InboxEntry {
  /** CloudEvents source (the foreign log's origin). */
  readonly source: string;
  readonly eventId: string;
  readonly subject: string;
  readonly sequence: bigint;
}

/**
 * Turns commands into sealed records and appends them: load, decide, append, with bounded retry on a version conflict.
 * - Durability: when `execute` returns, every event of the command is committed and fsynced (commit point 1).
 * - Atomicity: all events of all opened streams, the command's result and its inbox row, or nothing.
 * - Isolation: a decision holds only if no stream it opened, also for reading, changed meanwhile; else it is made again.
 * - Idempotency: same principal, command id and request → the stored outcome with `replayed: true`; other request → COMMAND_ID_REUSED.
 * - `decide` may run several times, for a repeat too; it MUST be free of side effects besides its unit of work.
 * - A command that appends nothing is recorded too, so that its repeat gives the same result. One that throws is not recorded.
 * - A result is stored as JSON beside the events, readable: it MUST hold no confidential value, and no bigint or bytes.
 * - Erasable fields never reach `decide`: states are folded without them, also right after `append`.
 *
 * @throws DomainError COMMAND_ID_REUSED, VERSION_CONFLICT (retries used up), OVERLOADED, DEPENDENCY_UNAVAILABLE (repeating with the
 * same command id is safe, also where the outcome is unknown), or whatever `decide` throws. With an inbox entry MESSAGE_CONSUMED
 * (drop it) and MESSAGE_GAP (wait for the ones before it). When loading RECORD_ALTERED, EVENT_TYPE_UNKNOWN, UNIT_KEY_MISSING. After
 * `assertNotBehind` failed LOG_BEHIND_ANCHOR.
 */
export interface Journal {
  execute<Result>(
    envelope: CommandEnvelope,
    decide: (unit: UnitOfWork) => Promise<Result>,
    options?: { readonly inbox?: InboxEntry },
  ): Promise<CommandOutcome<Result>>;

  /** Folds a stream for a query; undefined if the stream does not exist. */
  read<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>, key: string): Promise<State | undefined>;

  /** Whether an organisation was given a stream's evidence (see `OpenStream.share`). */
  mayRead(streamId: string, organisationId: string): Promise<boolean>;
}
