import { DomainError } from '@countersign/kernel';
import { HASH_SIZE } from './sha256.js';
import { emptyRoot, nodeHash, sameBytes } from './tree-hash.js';
import { half, isCount, isOdd } from './tree-size.js';

export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  /** Siblings, deepest first; exactly as many as the tree's shape demands. */
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly fromSize: number;
  readonly fromRoot: Uint8Array;
  readonly toSize: number;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Proves that the leaf stands at `index` of the tree (size, root) (RFC 9162 section 2.1.3.2). Size and root MUST come from a
 * signed checkpoint, never from whoever hands over the proof.
 *
 * @throws DomainError PROOF_BROKEN with field `index`, `proof` or `root`; exactly one proof is accepted
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { index, size, proof } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) throw broken('index', 'must be below the size');
  requireHashes([claim.leafHash, claim.root, ...proof]);
  const path = new Path(index, size - 1);
  let hash = claim.leafHash;
  for (const sibling of proof) hash = path.siblingIsLeft() ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  path.end();
  if (!sameBytes(hash, claim.root)) throw broken('root', 'the proof leads to another root');
}

/**
 * Proves that the tree (toSize, toRoot) extends (fromSize, fromRoot) without changing a leaf (RFC 9162 section 2.1.4.2).
 * From size 0 and to the same size the only accepted proof is the empty one.
 *
 * @throws DomainError PROOF_BROKEN with field `fromSize`, `proof`, `fromRoot` or `toRoot`; exactly one proof is accepted
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { fromSize, toSize, proof } = claim;
  if (!isCount(fromSize) || !isCount(toSize) || fromSize > toSize) throw broken('fromSize', 'must not exceed the later size');
  requireHashes([claim.fromRoot, claim.toRoot, ...proof]);
  if (toSize === 0 && !sameBytes(claim.toRoot, emptyRoot)) throw broken('toRoot', 'is not the root of the empty tree');
  if (fromSize === 0 || fromSize === toSize) return verifyTrivial(claim);
  const [fromComputed, toComputed] = climb(claim);
  if (!sameBytes(fromComputed, claim.fromRoot)) throw broken('fromRoot', 'the proof leads to another earlier root');
  if (!sameBytes(toComputed, claim.toRoot)) throw broken('toRoot', 'the proof leads to another later root');
}

function verifyTrivial(claim: ConsistencyClaim): void {
  if (claim.proof.length !== 0) throw broken('proof', 'has a sibling too many');
  const expected = claim.fromSize === 0 ? emptyRoot : claim.toRoot;
  if (!sameBytes(claim.fromRoot, expected)) throw broken('fromRoot', 'is not the root of that size');
}

/** Both roots as the proof computes them. */
function climb(claim: ConsistencyClaim): [Uint8Array, Uint8Array] {
  const path = new Path(claim.fromSize - 1, claim.toSize - 1);
  path.skipRightEdges();
  // If the earlier tree is one complete subtree, the climb starts at its root.
  return climbAlong(path, path.isLeftmost() ? [claim.fromRoot, ...claim.proof] : claim.proof);
}

function climbAlong(path: Path, [start, ...siblings]: readonly Uint8Array[]): [Uint8Array, Uint8Array] {
  if (start === undefined) throw broken('proof', 'lacks a sibling');
  let fromHash = start;
  let toHash = start;
  for (const sibling of siblings) {
    if (path.siblingIsLeft()) {
      fromHash = nodeHash(sibling, fromHash);
      toHash = nodeHash(sibling, toHash);
    } else {
      toHash = nodeHash(toHash, sibling);
    }
  }
  path.end();
  return [fromHash, toHash];
}

/**
 * The root that the first `fromSize` leaves of the tree (toSize, toRoot) have, as these nodes compute it: those of a consistency
 * proof, with the subtree to start from always first, also where a consistency proof leaves it out (`fromSize` a power of two). They
 * have to lead to `toRoot`; then no other root of that size belongs to that tree.
 *
 * @throws DomainError PROOF_BROKEN unless 0 < fromSize < toSize and the nodes lead to `toRoot`
 */
export function earlierRoot(fromSize: number, toSize: number, toRoot: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array {
  if (!isCount(fromSize) || !isCount(toSize) || fromSize === 0 || fromSize >= toSize)
    throw broken('fromSize', 'must be above 0 and below the later size');
  requireHashes([toRoot, ...nodes]);
  const path = new Path(fromSize - 1, toSize - 1);
  path.skipRightEdges();
  const [fromRoot, computed] = climbAlong(path, nodes);
  if (!sameBytes(computed, toRoot)) throw broken('toRoot', 'the proof leads to another later root');
  return fromRoot;
}

/** The climb from a node to the root, one level a step: `fn` and `sn` of RFC 9162 section 2.1.3.2. */
class Path {
  constructor(
    /** The node's place on its level. */
    private node: number,
    /** The last place on that level. */
    private last: number,
  ) {}

  /** Takes one step up and says on which side the sibling stands. */
  siblingIsLeft(): boolean {
    if (this.last === 0) throw broken('proof', 'has a sibling too many');
    const left = isOdd(this.node) || this.node === this.last;
    // A last node without a right sibling is carried up as it is, to the level where it is a right child.
    if (left) while (!isOdd(this.node) && this.node !== 0) this.up();
    this.up();
    return left;
  }

  /** Climbs while the node is a right child: to the root of the largest complete subtree that ends with it. */
  skipRightEdges(): void {
    while (isOdd(this.node)) this.up();
  }

  isLeftmost(): boolean {
    return this.node === 0;
  }

  end(): void {
    if (this.last !== 0) throw broken('proof', 'lacks a sibling');
  }

  private up(): void {
    this.node = half(this.node);
    this.last = half(this.last);
  }
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  const broke = hashes.some((hash) => !(hash instanceof Uint8Array) || hash.length !== HASH_SIZE);
  if (broke) throw broken('proof', `every hash has ${HASH_SIZE} bytes`);
}

function broken(field: string, rule: string): DomainError {
  return new DomainError('PROOF_BROKEN', { field, rule });
}
