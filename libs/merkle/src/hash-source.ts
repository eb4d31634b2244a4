import { DomainError } from '@countersign/kernel';
import { CompactRange } from './compact-range.js';
import { nodeHash } from './tree-hash.js';
import { requireCount } from './tree-size.js';

/** One complete subtree: the 2^level leaves from index · 2^level on. Level 0 are the leaf hashes. */
export interface SubtreeAddress {
  readonly level: number;
  readonly index: number;
}

/** Serves roots of complete subtrees from memory. MUST throw for a subtree it does not hold. */
export interface SyncHashSource {
  hashAt(level: number, index: number): Uint8Array;
}

/** Serves roots of complete subtrees, from stored nodes or tiles. MUST throw or reject for one it does not hold. */
export interface HashSource {
  hashAt(level: number, index: number): Uint8Array | Promise<Uint8Array>;
}

/** An append-only tree with all its nodes in memory; the reference implementation of a hash source. */
export class MemoryTree implements SyncHashSource {
  readonly #levels: Buffer[][] = [];
  readonly #range = CompactRange.empty();

  constructor(leafHashes: Iterable<Uint8Array> = []) {
    for (const hash of leafHashes) this.append(hash);
  }

  get size(): number {
    return this.#range.size;
  }

  append(leafHash: Uint8Array): void {
    this.#range.append(leafHash, (level, _index, hash) => {
      (this.#levels[level] ??= []).push(hash);
    });
  }

  /** Root of the whole tree; `rootAt` gives that of an earlier size. */
  root(): Buffer {
    return this.#range.root();
  }

  /** @throws DomainError FIELD_INVALID if that subtree is not complete */
  hashAt(level: number, index: number): Uint8Array {
    const hash = this.#levels[level]?.[index];
    if (hash === undefined) throw subtreeMissing(level, index);
    return hash;
  }
}

/** A hash source over leaf hashes in an array; computes each subtree when asked. For many proofs use MemoryTree. */
export function leavesAsSource(leafHashes: readonly Uint8Array[]): SyncHashSource {
  const hashAt = (level: number, index: number): Uint8Array => {
    if (level > 0) return nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1));
    const hash = leafHashes[index];
    if (hash === undefined) throw subtreeMissing(level, index);
    return hash;
  };
  return { hashAt };
}

/** The complete subtrees that leaves `from` to `to` (exclusive) fall into, left to right, largest first. */
export function subtreesOf(from: number, to: number): SubtreeAddress[] {
  requireCount(from, 'from');
  requireCount(to, 'to');
  const addresses: SubtreeAddress[] = [];
  for (let start = from; start < to;) {
    let level = 0;
    let width = 1;
    while (width * 2 <= to - start) {
      width *= 2;
      level += 1;
    }
    addresses.push({ level, index: start / width });
    start += width;
  }
  return addresses;
}

function subtreeMissing(level: number, index: number): DomainError {
  return new DomainError('FIELD_INVALID', { field: 'size', rule: 'the tree has fewer leaves', context: { level, index } });
}
