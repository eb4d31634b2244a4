import { DomainError } from '@countersign/kernel';
import { HASH_SIZE } from './sha256.js';
import { emptyRoot, leafHashInto, mergeAdjacent, requireHash } from './tree-hash.js';
import { bitCount, half, isOdd, requireCount } from './tree-size.js';

/** One subtree more than a size of 2^53 − 1 has complete subtrees, for the leaf that is being merged. */
const STACK_HASHES = 54;

/** What a compact range needs to go on after a restart. */
export interface CompactRangeState {
  readonly size: number;
  /** Roots of the complete subtrees, the leftmost (largest) first. */
  readonly hashes: readonly Uint8Array[];
}

/** Called for every complete subtree that an append closes: level 0 is the leaf itself. The hash is the callee's to keep. */
export type NodeListener = (level: number, index: number, hash: Buffer) => void;

/** The same for who copies: the hash stands in `hashes` from `at` on, until the call returns. No Buffer is made for it. */
export type NodeSink = (level: number, index: number, hashes: Buffer, at: number) => void;

/**
 * The state of an append-only RFC 6962 tree in at most 53 hashes: the roots of its complete subtrees.
 * Appending costs two hashes on average, whatever the size. Not shared: one owner appends.
 */
export class CompactRange {
  /** Roots of the complete subtrees, leftmost first, 32 bytes each; adjacent so that a merge copies once. */
  readonly #stack = Buffer.alloc(STACK_HASHES * HASH_SIZE);
  #depth = 0;
  #size = 0;

  static empty(): CompactRange {
    return new CompactRange();
  }

  /** @throws DomainError FIELD_INVALID if the hashes are not those of that size */
  static restore(state: CompactRangeState): CompactRange {
    requireCount(state.size, 'size');
    if (state.hashes.length !== bitCount(state.size)) {
      throw new DomainError('FIELD_INVALID', { field: 'hashes', rule: 'one hash for every bit set in the size' });
    }
    const range = new CompactRange();
    for (const hash of state.hashes) {
      requireHash(hash, 'hashes');
      range.#stack.set(hash, range.#depth * HASH_SIZE);
      range.#depth += 1;
    }
    range.#size = state.size;
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Adds a leaf. `onNode` hears of every subtree that becomes complete, from the leaf upwards.
   *
   * @param everyLevels as in `appendEntry`
   */
  append(leafHash: Uint8Array, onNode?: NodeListener, everyLevels = 1): void {
    requireHash(leafHash, 'leafHash');
    requireCount(this.#size + 1, 'size');
    this.#stack.set(leafHash, this.#depth * HASH_SIZE);
    this.#close(
      onNode && ((level, index, hashes, at) => onNode(level, index, Buffer.from(hashes.subarray(at, at + HASH_SIZE)))),
      everyLevels,
    );
  }

  /**
   * Adds an entry's leaf (RFC 6962 section 2.1) without a Buffer for its hash.
   *
   * @param everyLevels `onNode` hears of the levels only that are multiples of it
   */
  appendEntry(entry: Uint8Array, onNode?: NodeSink, everyLevels = 1): void {
    requireCount(this.#size + 1, 'size');
    leafHashInto(entry, this.#stack, this.#depth * HASH_SIZE);
    this.#close(onNode, everyLevels);
  }

  /** The leaf stands on the stack; merges it with the subtrees that it completes. */
  #close(onNode: NodeSink | undefined, everyLevels: number): void {
    const stack = this.#stack;
    let top = this.#depth * HASH_SIZE;
    onNode?.(0, this.#size, stack, top);
    this.#size += 1;
    let width = this.#size;
    for (let level = 1; !isOdd(width); level += 1) {
      width = half(width);
      top -= HASH_SIZE;
      mergeAdjacent(stack, top);
      if (onNode !== undefined && level % everyLevels === 0) onNode(level, width - 1, stack, top);
    }
    this.#depth = top / HASH_SIZE + 1;
  }

  /** Root of the tree so far (RFC 6962 section 2.1). */
  root(): Buffer {
    if (this.#depth === 0) return Buffer.from(emptyRoot);
    const folded = Buffer.from(this.#stack.subarray(0, this.#depth * HASH_SIZE));
    for (let last = this.#depth - 2; last >= 0; last -= 1) mergeAdjacent(folded, last * HASH_SIZE);
    return Buffer.from(folded.subarray(0, HASH_SIZE));
  }

  /** Roots of the complete subtrees, leftmost first; with `size` the state to restore from. */
  hashes(): Buffer[] {
    return Array.from({ length: this.#depth }, (_, position) => this.#hashAt(position));
  }

  #hashAt(position: number): Buffer {
    return Buffer.from(this.#stack.subarray(position * HASH_SIZE, (position + 1) * HASH_SIZE));
  }
}

/** Root of the tree over these leaf hashes (RFC 6962 section 2.1). */
export function rootFromLeaves(leafHashes: Iterable<Uint8Array>): Buffer {
  const range = CompactRange.empty();
  for (const hash of leafHashes) range.append(hash);
  return range.root();
}
