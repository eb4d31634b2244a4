import { DomainError } from '@countersign/kernel';
import { HASH_SIZE, TILE_WIDTH } from '@countersign/merkle';
import type { LogNo, TreeStore } from '../storage/stores.js';
import { ExpandedTile } from './expanded-tile.js';

/** Tiles of all logs, the most recently used ones in memory. A tile only grows, so a cached one is wrong for nobody, at most too narrow. */
export class TileCache {
  /** Insertion order is order of use: the first is the one that was not used for longest. */
  readonly #tiles = new Map<string, ExpandedTile>();
  /** Reads under way: many proofs at once need the same tiles, which are read once. */
  readonly #loading = new Map<string, Promise<ExpandedTile>>();

  constructor(
    private readonly store: Pick<TreeStore, 'tile'>,
    private readonly tilesMax: number,
  ) {}

  /**
   * A tile at least that wide: at once from memory, else from the store.
   *
   * @throws DomainError RECORD_ALTERED if the stored tile is missing, torn or narrower
   */
  tile(logNo: LogNo, level: number, index: number, width: number): ExpandedTile | Promise<ExpandedTile> {
    const key = `${logNo}/${level}/${index}`;
    const cached = this.#tiles.get(key);
    if (cached === undefined || cached.width < width) return this.#loadOnce(logNo, level, index, width);
    this.#touch(key, cached);
    return cached;
  }

  /** By width too: a read that began for a smaller tree may bring too little. */
  #loadOnce(logNo: LogNo, level: number, index: number, width: number): Promise<ExpandedTile> {
    const key = `${logNo}/${level}/${index}/${width}`;
    const running = this.#loading.get(key);
    if (running !== undefined) return running;
    const load = this.#load(logNo, level, index, width).finally(() => this.#loading.delete(key));
    this.#loading.set(key, load);
    return load;
  }

  async #load(logNo: LogNo, level: number, index: number, width: number): Promise<ExpandedTile> {
    const hashes = (await this.store.tile(logNo, level, index)) ?? Buffer.alloc(0);
    const isTorn = hashes.length % HASH_SIZE !== 0 || hashes.length > TILE_WIDTH * HASH_SIZE;
    if (isTorn || hashes.length < width * HASH_SIZE) {
      throw new DomainError('RECORD_ALTERED', {
        field: 'tile',
        rule: 'stored tiles are complete',
        context: { logNo, level, index, width },
      });
    }
    const tile = new ExpandedTile(hashes);
    this.#touch(`${logNo}/${level}/${index}`, tile);
    return tile;
  }

  #touch(key: string, tile: ExpandedTile): void {
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    if (this.#tiles.size <= this.tilesMax) return;
    const [oldest] = this.#tiles.keys();
    if (oldest !== undefined) this.#tiles.delete(oldest);
  }
}
