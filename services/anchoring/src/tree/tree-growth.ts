import {
  CompactRange,
  HASH_SIZE,
  subtreesOf,
  TILE_LEVELS,
  TILE_WIDTH,
  tileWidthAt,
  type CompactRangeState,
  type HashSource,
  type NodeSink,
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
  readonly #fresh = new Map<string, FreshHashes>();
  /** Of each level, the tile that grows: the next hash goes there, or begins its successor. */
  readonly #growing: FreshHashes[] = [];

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
      this.#range.appendEntry(entry, this.#add, TILE_LEVELS);
    }
  }

  /** Every tile that changed, whole: what is stored of it, then what is new. */
  async tiles(stored: TileAt): Promise<Tile[]> {
    return Promise.all(
      [...this.#fresh.values()].map(async ({ level, index, hashes, size }) => {
        const width = tileWidthAt(this.#fromSize, level, index);
        const prefix = width === 0 ? Buffer.alloc(0) : (await stored(level, index, width)).hashes.subarray(0, width * HASH_SIZE);
        return { level, index, hashes: Buffer.concat([prefix, hashes.subarray(0, size)]) };
      }),
    );
  }

  readonly #add: NodeSink = (nodeLevel, nodeIndex, hashes, at) => {
    const level = nodeLevel / TILE_LEVELS;
    const index = Math.floor(nodeIndex / TILE_WIDTH);
    const growing = this.#growing[level];
    const tile = growing?.index === index ? growing : this.#begin(level, index);
    hashes.copy(tile.hashes, tile.size, at, at + HASH_SIZE);
    tile.size += HASH_SIZE;
  };

  #begin(level: number, index: number): FreshHashes {
    const tile = { level, index, hashes: Buffer.allocUnsafe(TILE_WIDTH * HASH_SIZE), size: 0 };
    this.#growing[level] = tile;
    this.#fresh.set(`${level}/${index}`, tile);
    return tile;
  }
}

interface FreshHashes {
  readonly level: number;
  readonly index: number;
  /** As long as a full tile; filled up to `size` bytes. */
  readonly hashes: Buffer;
  size: number;
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
