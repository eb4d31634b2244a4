import { CompactRange } from '../compact-range.js';
import { TILE_LEVELS, TILE_WIDTH } from './tile-address.js';

/** Hashes of one tile, 32 bytes each: all 256, or those that a partial tile has. */
export interface BuiltTile {
  readonly level: number;
  readonly index: number;
  readonly hashes: Buffer;
}

/**
 * All tiles of a tree, in one pass over its leaf hashes. Memory is one growing tile a level, whatever the size.
 * Not shared: one owner appends.
 */
export class TileBuilder {
  readonly #range = CompactRange.empty();
  /** By level: the hashes that no emitted tile holds yet, and the index of the tile they go into. */
  readonly #growing: { index: number; hashes: Buffer[] }[] = [];

  constructor(private readonly onTile: (tile: BuiltTile) => void) {}

  get size(): number {
    return this.#range.size;
  }

  /** @throws DomainError FIELD_INVALID if it is not 32 bytes */
  append(leafHash: Uint8Array): void {
    this.#range.append(leafHash, (level, _index, hash) => this.#add(level / TILE_LEVELS, hash), TILE_LEVELS);
  }

  /** Root of the tree so far. */
  root(): Buffer {
    return this.#range.root();
  }

  /** Emits the partial tiles; nothing may be appended after that. */
  finish(): void {
    for (const [level, { index, hashes }] of this.#growing.entries()) {
      if (hashes.length > 0) this.onTile({ level, index, hashes: Buffer.concat(hashes) });
    }
  }

  #add(level: number, hash: Buffer): void {
    const growing = (this.#growing[level] ??= { index: 0, hashes: [] });
    growing.hashes.push(hash);
    if (growing.hashes.length < TILE_WIDTH) return;
    this.onTile({ level, index: growing.index, hashes: Buffer.concat(growing.hashes) });
    growing.hashes = [];
    growing.index += 1;
  }
}
