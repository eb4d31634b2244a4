import { DomainError } from '@countersign/kernel';
import { subtreesOf, type SubtreeAddress } from './hash-source.js';
import { requireCount, splitPoint } from './tree-size.js';

/** One node of a proof: the complete subtrees whose roots, folded from the right, give its hash. */
export type ProofNode = readonly SubtreeAddress[];

/**
 * Which subtrees an inclusion proof consists of, deepest first (PATH of RFC 6962 section 2.1.1).
 * Lets a store fetch every hash of a proof in one query.
 *
 * @throws DomainError FIELD_INVALID if the tree of that size has no such leaf
 */
export function inclusionPlan(index: number, size: number): ProofNode[] {
  requireCount(index, 'index');
  requireCount(size, 'size');
  if (index >= size)
    throw new DomainError('FIELD_INVALID', { field: 'index', rule: 'must be below the size', context: { index, size } });
  const path: ProofNode[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      path.push(subtreesOf(middle, to));
      to = middle;
    } else {
      path.push(subtreesOf(from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/**
 * Which subtrees a consistency proof consists of (PROOF of RFC 6962 section 2.1.2); none from size 0 or to the same size.
 *
 * @throws DomainError FIELD_INVALID if `fromSize` exceeds `toSize`
 */
export function consistencyPlan(fromSize: number, toSize: number): ProofNode[] {
  requireCount(fromSize, 'fromSize');
  requireCount(toSize, 'toSize');
  if (fromSize > toSize) {
    throw new DomainError('FIELD_INVALID', {
      field: 'fromSize',
      rule: 'must not exceed the later size',
      context: { fromSize, toSize },
    });
  }
  if (fromSize === 0 || fromSize === toSize) return [];
  const path: ProofNode[] = [];
  let from = 0;
  let to = toSize;
  while (to !== fromSize) {
    const middle = from + splitPoint(to - from);
    if (fromSize <= middle) {
      path.push(subtreesOf(middle, to));
      to = middle;
    } else {
      path.push(subtreesOf(from, middle));
      from = middle;
    }
  }
  // Where the old tree is itself a complete subtree, its root is known to the verifier and left out.
  if (from > 0) path.push(subtreesOf(from, to));
  return path.reverse();
}
