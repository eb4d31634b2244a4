import type { JournalLimits } from './config.js';

/** A stream's state at some sequence. State is immutable: `evolve` is pure. */
export interface FoldedStream<State = unknown> {
  readonly nextSequence: bigint;
  readonly lastDigest: Uint8Array | undefined;
  readonly state: State;
  /** Stands for the fold of the first record that this state goes back to: if that was wrong, all that came of it is. */
  readonly lineage: object;
}

/** Where folding begins. */
export function unfolded<State>(definition: { readonly initial: State }): FoldedStream<State> {
  return { nextSequence: 0n, lastDigest: undefined, state: definition.initial, lineage: {} };
}

interface Entry {
  readonly definition: object;
  readonly folded: FoldedStream;
  /** How often it was used since it was last folded anew. */
  readonly uses: number;
}

/** What the cache may hold, and when it says that a state is due to be folded anew. */
export type FoldCacheLimits = Pick<JournalLimits, 'foldedStreamsMax' | 'foldedEventsMax' | 'usesPerRefoldedEvent' | 'usesMin'>;

/**
 * Remembers folded streams, so that a command on a long stream reads only what is new. A hint, never the truth: whoever
 * uses an entry first compares it with the stream's head in the database.
 *
 * An entry belongs to the definition object that folded it. That object is the version of the fold: another build is another process
 * and starts with nothing.
 */
export class FoldCache {
  // Owned by one journal. Map order is use order: the first key is the least recently used.
  readonly #entries = new Map<string, Entry>();
  readonly #distrusted = new WeakSet<object>();
  #eventCount = 0;

  constructor(private readonly limits: FoldCacheLimits) {}

  /** Events that the remembered states were folded from: a measure of the memory they take. */
  get eventCount(): number {
    return this.#eventCount;
  }

  get<State>(definition: object, streamId: string): FoldedStream<State> | undefined {
    const entry = this.#entries.get(streamId);
    if (entry?.definition !== definition) return undefined;
    this.#entries.delete(streamId);
    this.#entries.set(streamId, { ...entry, uses: entry.uses + 1 });
    return entry.folded as FoldedStream<State>;
  }

  put(definition: object, streamId: string, folded: FoldedStream): void {
    if (!this.isTrusted(folded)) return;
    const uses = this.#entries.get(streamId)?.uses ?? 0;
    this.delete(streamId);
    this.#entries.set(streamId, { definition, folded: { ...folded, lastDigest: ownBytes(folded.lastDigest) }, uses });
    this.#eventCount += Number(folded.nextSequence);
    this.#makeRoom();
  }

  delete(streamId: string): void {
    const entry = this.#entries.get(streamId);
    if (!entry) return;
    this.#entries.delete(streamId);
    this.#eventCount -= Number(entry.folded.nextSequence);
  }

  /** Drops a state, and never takes one that comes of it. */
  distrust(streamId: string, { lineage }: FoldedStream): void {
    this.#distrusted.add(lineage);
    const entry = this.#entries.get(streamId);
    if (entry?.folded.lineage === lineage) this.delete(streamId);
  }

  isTrusted({ lineage }: FoldedStream): boolean {
    return !this.#distrusted.has(lineage);
  }

  /** Whether the state has been believed for so long that it should be folded anew; asks once, then counts from the start. */
  takeDue(streamId: string): boolean {
    const entry = this.#entries.get(streamId);
    if (!entry) return false;
    const { usesPerRefoldedEvent, usesMin } = this.limits;
    if (entry.uses < Math.max(usesMin, usesPerRefoldedEvent * Number(entry.folded.nextSequence))) return false;
    this.#entries.set(streamId, { ...entry, uses: 0 });
    return true;
  }

  /** The entry put last stays, however long its stream: without it, every command on that stream would fold all of it. */
  #makeRoom(): void {
    const { foldedStreamsMax, foldedEventsMax } = this.limits;
    for (const oldest of this.#entries.keys()) {
      const fits = this.#entries.size <= foldedStreamsMax && this.#eventCount <= foldedEventsMax;
      if (fits || this.#entries.size === 1) return;
      this.delete(oldest);
    }
  }
}

/** A small Buffer is a piece of a slab that Node shares among all: kept, it would keep the whole slab, 250 times its size. */
function ownBytes(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && new Uint8Array(bytes);
}
