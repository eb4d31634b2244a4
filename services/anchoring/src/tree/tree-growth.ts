import {
  CompactRange,
  HASH_SIZE,
  subtreesOf,
  TILE_LEVELS,
  TILE_WIDTH,
  tileWidthAt,
  type CompactRangeState,
  type HashSource,
} from '@countersign/merkle';
import { DomainError } from '@countersign/kernel';
import type { Tile } from '../storage/stores.js';
import { ExpandedTile } from './expanded-tile.js';
import type { TileAt } from './tree-view.js';

/** Reads the state from which a tree of that size grows on. */
export async function readRange(source: HashSource, size: number): Promise<CompactRangeState> {
  return { size, hashes: await Promise.all(subtreesOf(0, size).map(({ level, index }) => source.hashAt(level, index))) };
}

/** New leaves on top of a tree that is already stored. Nothing of it is durable; drop it, and nothing has happened. */
export class TreeGrowth {
  readonly #range: CompactRange;
  readonly #fromSize: number;
  /** New hashes by tile, after those that the stored tile has. */
  readonly #fresh = new Map<string, { readonly level: number; readonly index: number; readonly hashes: Buffer[] }>();

  constructor(from: CompactRangeState) {
    this.#range = CompactRange.restore(from);
    this.#fromSize = from.size;
  }

  get size(): number {
    return this.#range.size;
  }

  root(): Buffer {
    return this.#range.root();
  }

  /** What the next growth starts from, once this one is durable. */
  state(): CompactRangeState {
    return { size: this.#range.size, hashes: this.#range.hashes() };
  }

  append(entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      this.#range.appendEntry(entry, (level, index, hash) => this.#add(level / TILE_LEVELS, index, hash), TILE_LEVELS);
    }
  }

  /** Every tile that changed, whole: what is stored of it, then what is new. */
  async tiles(stored: TileAt): Promise<Tile[]> {
    return Promise.all(
      [...this.#fresh.values()].map(async ({ level, index, hashes }) => {
        const width = tileWidthAt(this.#fromSize, level, index);
        const prefix = width === 0 ? Buffer.alloc(0) : (await stored(level, index, width)).hashes.subarray(0, width * HASH_SIZE);
        return { level, index, hashes: Buffer.concat([prefix, ...hashes]) };
      }),
    );
  }

  #add(level: number, index: number, hash: Buffer): void {
    const tileIndex = Math.floor(index / TILE_WIDTH);
    const key = `${level}/${tileIndex}`;
    const fresh = this.#fresh.get(key) ?? { level, index: tileIndex, hashes: [] };
    fresh.hashes.push(hash);
    this.#fresh.set(key, fresh);
  }
}

/** Tiles of a growth in front of the stored ones: the tree as it will be. */
export function grownTiles(tiles: readonly Tile[], stored: TileAt): TileAt {
  const expanded = new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, new ExpandedTile(hashes)]));
  return (level, index, width) => {
    const tile = expanded.get(`${level}/${index}`);
    if (tile === undefined) return stored(level, index, width);
    if (tile.width < width) return Promise.reject(new DomainError('INTERNAL', { rule: 'a grown tile is complete' }));
    return tile;
  };
}
