import { HASH_SIZE, nodeHash, TILE_LEVELS } from '@countersign/merkle';

/**
 * A tile with all complete subtrees above its hashes computed once, so that a proof costs no hashing.
 * A full one is 511 hashes, 16 KiB.
 */
export class ExpandedTile {
  /** Hashes at the tile's own level. */
  readonly width: number;
  /** Level by level, the tile's own first; a level has half as many hashes as the one below, rounded down. */
  readonly #levels: readonly Buffer[];

  constructor(hashes: Uint8Array) {
    this.width = hashes.length / HASH_SIZE;
    const levels: Buffer[] = [Buffer.from(hashes)];
    for (let level = 1; level <= TILE_LEVELS; level += 1) levels.push(halved(levels[level - 1] ?? Buffer.alloc(0)));
    this.#levels = levels;
  }

  /** Hash of the complete subtree `level` levels above the tile's hashes; undefined if the tile is not that wide yet. */
  hashAt(level: number, index: number): Buffer | undefined {
    const hash = this.#levels[level]?.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE);
    return hash?.length === HASH_SIZE ? hash : undefined;
  }

  /** The tile's own hashes, as stored. */
  get hashes(): Buffer {
    return this.#levels[0] ?? Buffer.alloc(0);
  }
}

function halved(below: Buffer): Buffer {
  const count = Math.floor(below.length / HASH_SIZE / 2);
  const level = Buffer.alloc(count * HASH_SIZE);
  for (let index = 0; index < count; index += 1) {
    const left = below.subarray(2 * index * HASH_SIZE, (2 * index + 1) * HASH_SIZE);
    const right = below.subarray((2 * index + 1) * HASH_SIZE, (2 * index + 2) * HASH_SIZE);
    level.set(nodeHash(left, right), index * HASH_SIZE);
  }
  return level;
}
