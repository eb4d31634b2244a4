import { DomainError } from '@countersign/kernel';
import { TILE_LEVELS, TILE_WIDTH, tileWidthAt, type HashSource } from '@countersign/merkle';
import type { ExpandedTile } from './expanded-tile.js';

/** Gives a tile at least `width` hashes wide. */
export type TileAt = (level: number, index: number, width: number) => ExpandedTile | Promise<ExpandedTile>;

/** The tree of the first `size` leaves, read from tiles: what proofs and roots are computed from. */
export class TreeView implements HashSource {
  constructor(
    private readonly tileAt: TileAt,
    readonly size: number,
  ) {}

  /**
   * Answers at once if the tile is at hand. A failure is always a rejection: whoever asks for many hashes at a time would
   * otherwise leave the others' failures unhandled.
   *
   * @throws DomainError FIELD_INVALID if the subtree is not complete at this size; RECORD_ALTERED from the tile
   */
  hashAt(level: number, index: number): Uint8Array | Promise<Uint8Array> {
    if ((index + 1) * 2 ** level > this.size) return Promise.reject(subtreeMissing());
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const levelInTile = level % TILE_LEVELS;
    // A node `levelInTile` levels above the tile's hashes covers 2^levelInTile of them; a tile holds 256 / that of such nodes.
    const nodesPerTile = TILE_WIDTH / 2 ** levelInTile;
    const tileIndex = Math.floor(index / nodesPerTile);
    const tile = this.tileAt(tileLevel, tileIndex, tileWidthAt(this.size, tileLevel, tileIndex));
    const pick = (read: ExpandedTile): Uint8Array | Promise<Uint8Array> =>
      read.hashAt(levelInTile, index % nodesPerTile) ?? Promise.reject(subtreeMissing());
    return tile instanceof Promise ? tile.then(pick) : pick(tile);
  }
}

function subtreeMissing(): DomainError {
  return new DomainError('FIELD_INVALID', { field: 'size', rule: 'the tree has fewer leaves' });
}
