import { MapPage, type MapPageSource } from '@countersign/record';
import type { HeadsStore } from '../storage/heads-store.js';
import type { LogNo } from '../storage/stores.js';

/** The pages of a map as they were at one heads entry, straight from the store. */
export function pagesAt(store: Pick<HeadsStore, 'pages'>, baseNo: LogNo, index: number): MapPageSource {
  return {
    read: async (names) => {
      const stored = await store.pages(baseNo, index, names);
      return names.map((name, number) => {
        const content = stored[number];
        return content && MapPage.decode(content, name);
      });
    },
  };
}

/**
 * The pages of the newest map, the most recently used ones in memory. Belongs to one sequencer of item heads, which puts in what it made
 * durable and drops everything whenever it is not sure what is.
 */
export class MapPageCache implements MapPageSource {
  /** Insertion order is order of use: the first is the one that was not used for longest. */
  readonly #pages = new Map<string, MapPage>();
  #stored: MapPageSource;

  constructor(
    private readonly store: Pick<HeadsStore, 'pages'>,
    private readonly baseNo: LogNo,
    private readonly pagesMax: number,
  ) {
    this.#stored = pagesAt(store, baseNo, -1);
  }

  /** How many pages are in memory. */
  get size(): number {
    return this.#pages.size;
  }

  /** From here on the map is the one of that heads entry, and nothing is known of it. */
  reset(index: number): void {
    this.#pages.clear();
    this.#stored = pagesAt(this.store, this.baseNo, index);
  }

  /** The map went on to that heads entry by these pages. */
  advance(index: number, pages: ReadonlyMap<string, MapPage>): void {
    this.#stored = pagesAt(this.store, this.baseNo, index);
    for (const [name, page] of pages) this.#touch(name, page);
  }

  async read(names: readonly string[]): Promise<readonly (MapPage | undefined)[]> {
    const found = names.map((name) => this.#pages.get(name));
    const missing = names.filter((_, number) => found[number] === undefined);
    const loaded = missing.length === 0 ? [] : await this.#stored.read(missing);
    let next = 0;
    return names.map((name, number) => {
      const page = found[number] ?? loaded[next++];
      if (page !== undefined) this.#touch(name, page);
      return page;
    });
  }

  #touch(name: string, page: MapPage): void {
    this.#pages.delete(name);
    this.#pages.set(name, page);
    if (this.#pages.size <= this.pagesMax) return;
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined) this.#pages.delete(oldest);
  }
}
