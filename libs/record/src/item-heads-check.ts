import { CompactRange, sameBytes } from '@countersign/merkle';
import { parseEntry } from './entry.js';
import { parseHeadsEntry, ZERO_DIGEST, type HeadsEntry } from './item-heads.js';
import { MapPageLayer, MapPaths } from './item-map.js';

/** What is wrong with a heads log, or with the log that it is about. */
export type HeadsFinding =
  /** The heads entry is about no larger base log than the one before it. */
  | { readonly kind: 'base-size'; readonly headsIndex: number }
  /** The base log holds other entries than the heads entry is about. */
  | { readonly kind: 'base-root'; readonly headsIndex: number }
  /** The map over the base log's entries has another root: entries were left out, put in or counted otherwise. */
  | { readonly kind: 'map-root'; readonly headsIndex: number }
  /** The base log holds fewer entries than the heads entry is about. */
  | { readonly kind: 'base-short'; readonly headsIndex: number }
  /** The entry's sequence is not the number of its item's entries before it: one is missing, or there are two of one sequence. */
  | { readonly kind: 'sequence'; readonly leafIndex: number };

export interface HeadsCheckInput {
  /** Gives base entries from that index on, at least one and at most `count`; none if there are no more. From the checker's own copy. */
  readonly readEntries: (from: number, count: number) => Promise<readonly Uint8Array[]>;
  /** All entries of the heads log, from index 0. */
  readonly headsEntries: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Entries read and hashed at a time. */
  readonly chunkSize?: number;
}

const CHUNK_SIZE = 4_096;

/**
 * Recomputes item map and tree from all entries of a base log, and compares them with every heads entry from index 0, as a map checker
 * does (docs/record.md §14): base sizes strictly rise, each base root is that of the checker's own copy, each map root the recomputed
 * one. Every item's entries must carry the sequences 0, 1, 2, …
 *
 * A finding does not end the check: all of them are given, in order.
 */
export class ItemHeadsCheck {
  readonly #pages = new MapPageLayer();
  readonly #base = CompactRange.empty();
  readonly #findings: HeadsFinding[] = [];
  readonly #chunkSize: number;
  #mapRoot: Uint8Array = ZERO_DIGEST;
  #headsSize = 0;

  private constructor(private readonly input: HeadsCheckInput) {
    this.#chunkSize = input.chunkSize ?? CHUNK_SIZE;
  }

  /**
   * @throws DomainError RECORD_MALFORMED if bytes are no entry or no heads entry; whatever the input throws
   */
  static async run(input: HeadsCheckInput): Promise<readonly HeadsFinding[]> {
    const check = new ItemHeadsCheck(input);
    for await (const bytes of input.headsEntries) await check.#take(parseHeadsEntry(bytes));
    return check.#findings;
  }

  async #take({ baseSize, baseRoot, mapRoot }: HeadsEntry): Promise<void> {
    const headsIndex = this.#headsSize;
    this.#headsSize += 1;
    if (baseSize <= BigInt(this.#base.size)) {
      this.#findings.push({ kind: 'base-size', headsIndex });
      return;
    }
    if (!(await this.#growTo(baseSize))) {
      this.#findings.push({ kind: 'base-short', headsIndex });
      return;
    }
    if (!sameBytes(this.#base.root(), baseRoot)) this.#findings.push({ kind: 'base-root', headsIndex });
    if (!sameBytes(this.#mapRoot, mapRoot)) this.#findings.push({ kind: 'map-root', headsIndex });
  }

  async #growTo(size: bigint): Promise<boolean> {
    while (BigInt(this.#base.size) < size) {
      const left = size - BigInt(this.#base.size);
      const count = left < BigInt(this.#chunkSize) ? Number(left) : this.#chunkSize;
      const entries = await this.input.readEntries(this.#base.size, count);
      if (entries.length === 0) return false;
      await this.#grow(entries.slice(0, count));
    }
    return true;
  }

  async #grow(entries: readonly Uint8Array[]): Promise<void> {
    const parsed = entries.map((entry) => parseEntry(entry));
    const paths = await MapPaths.load(
      this.#pages,
      this.#mapRoot,
      parsed.map(({ itemKey }) => itemKey),
    );
    const growth = paths.grow(this.#base.size, entries);
    const counts = new Map<string, bigint>();
    for (const [offset, { itemKey, sequence }] of parsed.entries()) {
      const key = itemKey.toString('latin1');
      const before = counts.get(key) ?? BigInt(paths.find(itemKey)?.count ?? 0);
      if (sequence !== before) this.#findings.push({ kind: 'sequence', leafIndex: this.#base.size + offset });
      counts.set(key, before + 1n);
    }
    for (const entry of entries) this.#base.appendEntry(entry);
    this.#pages.put(growth.pages);
    this.#mapRoot = growth.root;
  }
}
