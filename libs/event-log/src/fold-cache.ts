/** A stream's state at some sequence. State is immutable: `evolve` is pure. */
export interface FoldedStream<State = unknown> {
  readonly nextSequence: bigint;
  readonly lastDigest: Uint8Array | undefined;
  readonly state: State;
}

/**
 * Remembers folded streams, so that a command on a long stream reads only what is new. A hint, never the truth: whoever
 * uses an entry first compares it with the stream's head in the database.
 */
export class FoldCache {
  // Owned by one journal. Map order is use order: the first key is the least recently used.
  readonly #entries = new Map<string, { definition: object; folded: FoldedStream }>();

  constructor(private readonly sizeMax: number) {}

  get<State>(definition: object, streamId: string): FoldedStream<State> | undefined {
    const entry = this.#entries.get(streamId);
    if (entry?.definition !== definition) return undefined;
    this.#entries.delete(streamId);
    this.#entries.set(streamId, entry);
    return entry.folded as FoldedStream<State>;
  }

  put(definition: object, streamId: string, folded: FoldedStream): void {
    this.#entries.delete(streamId);
    this.#entries.set(streamId, { definition, folded });
    if (this.#entries.size <= this.sizeMax) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  delete(streamId: string): void {
    this.#entries.delete(streamId);
  }
}
