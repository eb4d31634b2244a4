import type { AppendOutcome, PreparedCommand } from '../log-store.js';

/** A command for the reference: what it stores, and whether its rows are such that a database has to refuse them. */
export interface ModelCommand {
  readonly prepared: PreparedCommand;
  readonly isPoisoned: boolean;
}

export type OutcomeKind = AppendOutcome['kind'];

interface StoredFacts {
  readonly requestDigest: string;
  readonly firstPosition: bigint;
}

/** How far a stream has come. */
export interface StreamFacts {
  readonly next: bigint;
  readonly lastDigest: Uint8Array | undefined;
}

/**
 * What `LogStore` promises, written once more and as plainly as possible: one command after the other, no batches, no locks, no
 * bytes. It shares no code with the stores that are checked against it.
 */
export class ReferenceStore {
  readonly #commands = new Map<string, StoredFacts>();
  readonly #streams = new Map<string, StreamFacts>();
  readonly #messages = new Set<string>();
  readonly #subjects = new Map<string, bigint>();
  #size: bigint;

  /** @param size records that the log holds already; what they are does not matter as long as commands touch streams of their own */
  constructor(size: bigint) {
    this.#size = size;
  }

  get size(): bigint {
    return this.#size;
  }

  /** Every stream that was written. */
  get streams(): ReadonlyMap<string, StreamFacts> {
    return this.#streams;
  }

  /** Next sequence by `[source, subject]` as JSON. */
  get subjects(): ReadonlyMap<string, bigint> {
    return this.#subjects;
  }

  /**
   * The outcomes that are right for a command now. A stale command may always be told so: whoever repeats it learns the rest; and a
   * poisoned one may be refused before anybody looks further.
   */
  allowed({ prepared, isPoisoned }: ModelCommand): readonly OutcomeKind[] {
    const kinds: OutcomeKind[] = this.staleStreams(prepared).length > 0 ? ['conflict'] : [];
    const first = this.#settled(prepared) ?? this.#outOfTurn(prepared);
    if (first !== undefined) kinds.push(first);
    if (isPoisoned) kinds.push('poisoned');
    return kinds.length === 0 ? ['appended'] : kinds;
  }

  /** Streams whose version is not the one that the command expects. */
  staleStreams({ guards }: PreparedCommand): readonly string[] {
    return guards.filter(({ streamId, expected }) => this.nextOf(streamId) !== expected).map(({ streamId }) => streamId);
  }

  nextOf(streamId: string): bigint {
    return this.#streams.get(streamId)?.next ?? 0n;
  }

  /** Stores an appended command; gives the position it must have. */
  store({ principalId, commandId, requestDigest, guards, events, inbox }: PreparedCommand): bigint {
    const firstPosition = this.#size;
    this.#size += BigInt(events.length);
    this.#commands.set(keyOf(principalId, commandId), { requestDigest: hexOf(requestDigest), firstPosition });
    for (const { streamId, expected, next, lastDigest } of guards)
      if (next !== expected) this.#streams.set(streamId, { next, lastDigest });
    if (inbox) {
      this.#messages.add(keyOf(inbox.source, inbox.eventId));
      this.#subjects.set(keyOf(inbox.source, inbox.subject), inbox.sequence + 1n);
    }
    return firstPosition;
  }

  #settled({ principalId, commandId, requestDigest }: PreparedCommand): 'duplicate' | 'reused' | undefined {
    const stored = this.#commands.get(keyOf(principalId, commandId));
    if (stored === undefined) return undefined;
    return stored.requestDigest === hexOf(requestDigest) ? 'duplicate' : 'reused';
  }

  #outOfTurn({ inbox }: PreparedCommand): 'consumed' | 'gap' | undefined {
    if (inbox === undefined) return undefined;
    if (this.#messages.has(keyOf(inbox.source, inbox.eventId))) return 'consumed';
    const next = this.#subjects.get(keyOf(inbox.source, inbox.subject)) ?? 0n;
    if (inbox.sequence < next) return 'consumed';
    return inbox.sequence > next ? 'gap' : undefined;
  }
}

export function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
