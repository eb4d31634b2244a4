import { CompactRange, sameBytes } from '@countersign/merkle';
import { MapPageLayer, MapPaths, parseEntry, ZERO_DIGEST, type HeadsEntry } from '@countersign/record';
import { MIRROR_LIMITS } from './config.js';

type ReadEntries = (from: number, to: number) => Promise<readonly Uint8Array[]>;

/** Tree and item map over the first entries of a mirror's own copy, with nothing taken from the operator but these entries. */
export class RecomputedMap {
  readonly #pages = new MapPageLayer();
  readonly #base = CompactRange.empty();
  #mapRoot: Uint8Array = ZERO_DIGEST;
  /** Heads entries that were found true: the next one to judge has this index. */
  headsChecked = 0;

  /** @param readEntries the copy; it holds at least as many entries as the heads entries that are judged are about */
  constructor(private readonly readEntries: ReadEntries) {}

  /**
   * The rule that the next heads entry breaks, if it does (docs/record.md §14); this object MUST NOT be used after that.
   *
   * @throws DomainError RECORD_MALFORMED if an entry of the copy is none
   */
  async judge({ baseSize, baseRoot, mapRoot }: HeadsEntry): Promise<string | undefined> {
    if (baseSize <= BigInt(this.#base.size)) return 'base sizes strictly rise';
    while (BigInt(this.#base.size) < baseSize) {
      const to = Math.min(Number(baseSize), this.#base.size + MIRROR_LIMITS.entriesAtOnce);
      const broken = await this.#grow(await this.readEntries(this.#base.size, to));
      if (broken !== undefined) return broken;
    }
    if (!sameBytes(this.#base.root(), baseRoot)) return 'the base root is that of the copy';
    if (!sameBytes(this.#mapRoot, mapRoot)) return 'the map root is the recomputed one';
    this.headsChecked += 1;
    return undefined;
  }

  async #grow(entries: readonly Uint8Array[]): Promise<string | undefined> {
    const parsed = entries.map((entry) => parseEntry(entry));
    const itemKeys = parsed.map(({ itemKey }) => itemKey);
    const paths = await MapPaths.load(this.#pages, this.#mapRoot, itemKeys);
    const counts = new Map<string, bigint>();
    for (const { itemKey, sequence } of parsed) {
      const key = itemKey.toString('hex');
      const before = counts.get(key) ?? BigInt(paths.find(itemKey)?.count ?? 0);
      if (sequence !== before) return "an item's sequences run 0, 1, 2 …";
      counts.set(key, before + 1n);
    }
    const growth = paths.grow(this.#base.size, entries);
    for (const entry of entries) this.#base.appendEntry(entry);
    this.#pages.put(growth.pages);
    this.#mapRoot = growth.root;
    return undefined;
  }
}
