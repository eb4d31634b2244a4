import { HASH_SIZE, inclusionProof, leafHash, nodeHash, type SyncHashSource } from '@countersign/merkle';

/** All nodes of a full binary tree in one Buffer: 4 MiB for 65,536 leaves instead of 131,071 objects. */
export class BucketTree implements SyncHashSource {
  readonly #levels: Buffer[] = [];

  /** @param secretOf the leaf's preimage */
  constructor(
    readonly size: number,
    secretOf: (index: number) => Uint8Array,
  ) {
    let level = Buffer.alloc(size * HASH_SIZE);
    for (let index = 0; index < size; index += 1) level.set(leafHash(secretOf(index)), index * HASH_SIZE);
    this.#levels.push(level);
    for (let width = size / 2; width >= 1; width /= 2) {
      const parents = Buffer.alloc(width * HASH_SIZE);
      for (let index = 0; index < width; index += 1) {
        parents.set(nodeHash(slot(level, 2 * index), slot(level, 2 * index + 1)), index * HASH_SIZE);
      }
      this.#levels.push(parents);
      level = parents;
    }
  }

  root(): Buffer {
    return Buffer.from(this.hashAt(this.#levels.length - 1, 0));
  }

  proof(index: number): Buffer[] {
    return inclusionProof(this, index, this.size);
  }

  hashAt(level: number, index: number): Uint8Array {
    return slot(this.#levels[level] as Buffer, index);
  }
}

function slot(level: Buffer, index: number): Buffer {
  return level.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE);
}
