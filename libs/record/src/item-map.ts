import { asBuffer, leafHash, sameBytes } from '@countersign/merkle';
import { parseEntry } from './entry.js';
import { extendItemChain, ZERO_DIGEST } from './item-heads.js';
import { MapPage, mapItemOf, PAGE_LEVELS, requirePageHash, type ItemState, type SlotContent } from './item-map-page.js';
import type { ItemMapProof } from './item-map-proof.js';
import { altered, invalid } from './refusal.js';

/** What stands for "none" where an entry names the entry of its item before it. */
export const NO_ENTRY = -1;

/** Where the pages of one map are kept. */
export interface MapPageSource {
  /** Pages by name, in the asked order; undefined for one that is not there. Nothing of them is believed: each is held against the map root. */
  read(names: readonly string[]): Promise<readonly (MapPage | undefined)[]>;
}

/** Pages in memory, in front of others. */
export class MapPageLayer implements MapPageSource {
  readonly #pages = new Map<string, MapPage>();

  constructor(private readonly below?: MapPageSource) {}

  /** How many pages stand in this layer. */
  get size(): number {
    return this.#pages.size;
  }

  put(pages: ReadonlyMap<string, MapPage>): void {
    for (const [name, page] of pages) this.#pages.set(name, page);
  }

  /** All pages of this layer by name. */
  pages(): ReadonlyMap<string, MapPage> {
    return this.#pages;
  }

  async read(names: readonly string[]): Promise<readonly (MapPage | undefined)[]> {
    const missing = this.below === undefined ? [] : names.filter((name) => !this.#pages.has(name));
    if (missing.length === 0) return names.map((name) => this.#pages.get(name));
    const found = await this.below?.read(missing);
    const fromBelow = new Map(missing.map((name, index) => [name, found?.[index]]));
    return names.map((name) => this.#pages.get(name) ?? fromBelow.get(name));
  }
}

/** A map after some entries more. Nothing of it is durable; drop it, and nothing has happened. */
export interface MapGrowth {
  readonly root: Buffer;
  /** Every page that is new or another now, by name. */
  readonly pages: ReadonlyMap<string, MapPage>;
  /** For each entry the leaf index of its item's entry before it, or NO_ENTRY. */
  readonly previous: readonly number[];
}

/** The pages of a map that the paths of some items run through. What is asked about other items is wrong. */
export class MapPaths {
  private constructor(private readonly pages: ReadonlyMap<string, MapPage>) {}

  /**
   * Reads the pages on the paths of these items, one read a level, and holds each against the hash above it, up to the root.
   *
   * @throws DomainError RECORD_ALTERED if a page is missing, torn or not what the root commits to; whatever the source throws
   */
  static async load(source: MapPageSource, mapRoot: Uint8Array, itemKeys: Iterable<Uint8Array>): Promise<MapPaths> {
    const pages = new Map<string, MapPage>();
    const paths = new Set(Array.from(itemKeys, pathOf));
    let wanted = new Map<string, Wanted>([['', { hash: mapRoot, paths: [...paths] }]]);
    while (wanted.size > 0) {
      const found = await source.read([...wanted.keys()]);
      const below = new Map<string, Wanted>();
      for (const [index, [name, { hash, paths: onPage }]] of [...wanted].entries()) {
        const page = found[index] ?? pageMissing(name, hash);
        requirePageHash(page, hash);
        pages.set(name, page);
        for (const path of onPage) wantBelow(below, page, name, path);
      }
      wanted = below;
    }
    return new MapPaths(pages);
  }

  /** The item as the map holds it, if it does. */
  find(itemKey: Uint8Array): ItemState | undefined {
    const path = pathOf(itemKey);
    for (let depth = 0; ; depth += 1) {
      const page = this.#loaded(path.slice(0, depth));
      const slot = digitOf(itemKey, depth);
      if (page.subtreeAt(slot) !== undefined) continue;
      const item = page.itemAt(slot);
      return item !== undefined && sameBytes(item.itemKey, itemKey) ? item : undefined;
    }
  }

  /** Proof that the map holds the item as `find` says, or does not hold it. */
  prove(itemKey: Uint8Array): ItemMapProof {
    const { end, siblings } = this.#follow(itemKey);
    if (end.kind !== 'item') return { kind: 'empty', siblings };
    if (sameBytes(end.item.itemKey, itemKey)) return { kind: 'present', siblings };
    return { kind: 'other', siblings, other: mapItemOf(end.item) };
  }

  /**
   * Takes the entries of a log from that leaf index on. Their items' paths MUST be loaded.
   *
   * @throws DomainError RECORD_MALFORMED if an entry is none
   */
  grow(firstIndex: number, entries: readonly Uint8Array[]): MapGrowth {
    const states = new Map<string, ItemState>();
    const previous = entries.map((entry, offset) => {
      const { itemKey } = parseEntry(entry);
      const path = pathOf(itemKey);
      const before = states.get(path) ?? this.find(itemKey);
      const lastIndex = firstIndex + offset;
      const chain = extendItemChain(before?.chain ?? ZERO_DIGEST, BigInt(lastIndex), leafHash(entry));
      states.set(path, { itemKey, count: (before?.count ?? 0) + 1, chain, lastIndex });
      return before?.lastIndex ?? NO_ENTRY;
    });
    const changed = new Map<string, MapPage>();
    const page = this.#change('', this.pages.get('') ?? MapPage.empty, [...states.values()], changed);
    return { root: page.hash(), pages: changed, previous };
  }

  #change(name: string, page: MapPage, items: readonly ItemState[], changed: Map<string, MapPage>): MapPage {
    if (items.length === 0) return page;
    const slots = new Map<number, SlotContent>();
    for (const [slot, inSlot] of Map.groupBy(items, ({ itemKey }) => digitOf(itemKey, name.length))) {
      slots.set(slot, this.#fill(name + slot.toString(16), page, slot, inSlot, changed));
    }
    const next = page.with(slots);
    changed.set(name, next);
    return next;
  }

  /** What a slot holds once these items are in it. `below` is the name of the page under it. */
  #fill(below: string, page: MapPage, slot: number, items: readonly ItemState[], changed: Map<string, MapPage>): SlotContent {
    if (page.subtreeAt(slot) !== undefined) {
      return { subtree: this.#change(below, this.#loaded(below), items, changed).hash() };
    }
    const stored = page.itemAt(slot);
    const [first] = items;
    const isStored = stored === undefined || items.some(({ itemKey }) => sameBytes(itemKey, stored.itemKey));
    if (first !== undefined && isStored && items.length === 1) return first;
    const all = isStored ? items : [stored, ...items];
    return { subtree: this.#change(below, MapPage.empty, all, changed).hash() };
  }

  #follow(itemKey: Uint8Array): ReturnType<MapPage['follow']> {
    const siblings: Buffer[] = [];
    const path = pathOf(itemKey);
    for (let depth = 0; ; depth += 1) {
      const step = this.#loaded(path.slice(0, depth)).follow(digitOf(itemKey, depth));
      siblings.unshift(...step.siblings);
      if (step.end.kind !== 'below') return { end: step.end, siblings };
    }
  }

  #loaded(name: string): MapPage {
    const page = this.pages.get(name);
    if (page === undefined) throw invalid('itemKey', 'is one of those whose paths were loaded');
    return page;
  }
}

interface Wanted {
  readonly hash: Uint8Array;
  readonly paths: string[];
}

function wantBelow(below: Map<string, Wanted>, page: MapPage, name: string, path: string): void {
  const hash = page.subtreeAt(Number.parseInt(path.charAt(name.length), 16));
  if (hash === undefined) return;
  const nameBelow = path.slice(0, name.length + 1);
  const wanted: Wanted = below.get(nameBelow) ?? { hash, paths: [] };
  wanted.paths.push(path);
  below.set(nameBelow, wanted);
}

/** Only the map without items has no page. */
function pageMissing(name: string, hash: Uint8Array): MapPage {
  if (name === '' && sameBytes(hash, ZERO_DIGEST)) return MapPage.empty;
  throw altered('mapPage', 'every page of the item map is there');
}

/** The item key in hex: each digit is one page. */
function pathOf(itemKey: Uint8Array): string {
  return asBuffer(itemKey).toString('hex');
}

function digitOf(itemKey: Uint8Array, depth: number): number {
  return ((itemKey[depth >> 1] ?? 0) >> (PAGE_LEVELS * (1 - (depth & 1)))) & 15;
}
