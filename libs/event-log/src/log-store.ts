import type { Link } from '@countersign/kernel';
import type { InboxEntry, RecordedEvent } from './journal.js';
import type { LogReader, LogRow } from './log-reader.js';

/** A command is known by who sent it and the id he gave it. */
export interface CommandKey {
  readonly principalId: string;
  readonly commandId: string;
}

/** What was stored with a command that was recorded. */
export interface StoredCommand {
  readonly requestDigest: Uint8Array;
  /** JSON text. */
  readonly result: string;
  readonly recorded: readonly RecordedEvent[];
}

/** A stream from some sequence on, all read at one moment. */
export interface LoadedStream {
  /** 0 if the stream does not exist. */
  readonly nextSequence: bigint;
  /** Record digest of the last event; undefined if there is none. */
  readonly lastDigest: Uint8Array | undefined;
  /** Which unit key serves which release group of this stream. */
  readonly unitKeyIds: ReadonlyMap<string, Uint8Array>;
  /** From the sequence asked for; may end before `nextSequence` (ask again from there). */
  readonly rows: readonly LogRow[];
}

/** What a command assumes about a stream, and what it makes of it. */
export interface StreamGuard {
  readonly streamId: string;
  /** The stream's next sequence when it was read; another one now is a version conflict. */
  readonly expected: bigint;
  /** The stream's next sequence afterwards; equals `expected` if the command only read it. */
  readonly next: bigint;
  /** Record digest of the last event appended; undefined if the command only read the stream. */
  readonly lastDigest: Uint8Array | undefined;
}

/** A sealed event that waits for its position. */
export type NewEvent = Omit<LogRow, 'position'> & { readonly recordDigest: Uint8Array };

/** Everything one command stores, atomically. */
export interface PreparedCommand extends CommandKey {
  readonly requestDigest: Uint8Array;
  /** JSON text. */
  readonly result: string;
  readonly inbox: InboxEntry | undefined;
  /** One per stream the command opened; read streams are guarded too, so that decisions never rest on a state that changed. */
  readonly guards: readonly StreamGuard[];
  readonly events: readonly NewEvent[];
  readonly readers: readonly { readonly streamId: string; readonly organisationId: string }[];
  /** At most one per stream, kind and value. */
  readonly links: readonly ({ readonly streamId: string } & Link)[];
  readonly unitKeys: readonly { readonly streamId: string; readonly group: string; readonly keyId: Uint8Array }[];
}

/** How one command of a batch came out; the others of its batch do not influence it. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly firstPosition: bigint }
  /** Principal and command id are recorded with the same request. */
  | { readonly kind: 'duplicate' }
  /** Principal and command id are recorded with another request. */
  | { readonly kind: 'reused' }
  | { readonly kind: 'conflict'; readonly streamId: string }
  /** The message's effect is recorded, or a later one of its subject is. */
  | { readonly kind: 'consumed' }
  /** An earlier message of the same subject has not been recorded yet. */
  | { readonly kind: 'gap' }
  /** The database refuses this command's rows and would refuse them again. */
  | { readonly kind: 'poisoned'; readonly reason: string };

/**
 * Where events are kept. Two implementations, one contract suite: PostgreSQL and memory.
 * - `append` settles each command on its own, at dense positions in commit order. When it resolves with `appended`, the
 *   events are durable. It throws only if nothing is known to be stored, or if the outcome could not be found out
 *   (DEPENDENCY_UNAVAILABLE: the caller repeats with the same command id).
 */
export interface LogStore {
  findCommand(key: CommandKey): Promise<StoredCommand | undefined>;
  loadStream(streamId: string, fromSequence: bigint): Promise<LoadedStream>;
  mayRead(streamId: string, organisationId: string): Promise<boolean>;
  /** The sequence that the next message of a subject must have; 0 if none was recorded. */
  nextInboxSequence(source: string, subject: string): Promise<bigint>;
  append(command: PreparedCommand): Promise<AppendOutcome>;
  readonly rows: Pick<LogReader, 'size' | 'readLog' | 'readStreamRows' | 'findStreams'>;
}
