import { RECENT_LIMITS } from './config.js';
import type { LogRow } from './log-reader.js';
import type { NewEvent } from './log-store.js';

/**
 * The rows that this process appended last, for a relay that would otherwise read back what went through this memory a moment
 * ago. A short cut, never the truth: what is not here is read from the log, and the relay's cursor alone says what is published.
 */
export class RecentRows {
  // Owned by one event log; consecutive positions, the oldest first.
  #rows: LogRow[] = [];
  #bytes = 0;
  readonly #listeners = new Set<() => void>();
  #telling = false;

  constructor(private readonly limits: { readonly rowsMax: number; readonly bytesMax: number } = RECENT_LIMITS) {}

  /** To be called once these events are durable at these positions. Rows of another process in between begin the memory anew. */
  add(firstPosition: bigint, events: readonly NewEvent[]): void {
    const last = this.#rows.at(-1);
    if (last !== undefined && last.position + 1n !== firstPosition) this.#clear();
    for (const [index, { streamId, sequence, eventId, type, header, entry, disclosures }] of events.entries()) {
      const position = firstPosition + BigInt(index);
      const row = { position, streamId, sequence, eventId, type, header, entry, disclosures };
      this.#rows.push(row);
      this.#bytes += bytesOf(row);
    }
    if (this.#rows.length > this.limits.rowsMax || this.#bytes > this.limits.bytesMax) this.#forgetHalf();
    this.#tell();
  }

  /** Rows from exactly that position on, at most `limit`; none if the first of them is not remembered. */
  from(position: bigint, limit: number): readonly LogRow[] {
    const [first] = this.#rows;
    if (first === undefined || position < first.position) return [];
    const index = Number(position - first.position);
    return this.#rows.slice(index, index + limit);
  }

  /** Calls back after rows were added, once for all that a batch brings. Returns how to end it. */
  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The answers of one batch come in the same turn of the event loop, and in order of position. */
  #tell(): void {
    if (this.#telling || this.#listeners.size === 0) return;
    this.#telling = true;
    setImmediate(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** By halves, so that it costs nothing per row. */
  #forgetHalf(): void {
    while (this.#rows.length > 0 && (this.#rows.length > this.limits.rowsMax / 2 || this.#bytes > this.limits.bytesMax / 2)) {
      const forgotten = this.#rows.splice(0, Math.ceil(this.#rows.length / 2));
      for (const row of forgotten) this.#bytes -= bytesOf(row);
    }
  }

  #clear(): void {
    this.#rows = [];
    this.#bytes = 0;
  }
}

function bytesOf({ header, entry, disclosures }: LogRow): number {
  return header.length + entry.length + disclosures.length;
}
