import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1 and RFC 9162 section 2.1.3 word for word, slow, sharing no code with what is tested. */

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

export const referenceLeaf = (entry: Uint8Array): Buffer => sha256(Buffer.from([0]), entry);

/** MTH(D[n]) over leaf hashes. */
export function referenceRoot(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return Buffer.from(only);
  const split = referenceSplit(leaves.length);
  return sha256(Buffer.from([1]), referenceRoot(leaves.slice(0, split)), referenceRoot(leaves.slice(split)));
}

/** PATH(m, D[n]). */
export function referencePath(index: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const split = referenceSplit(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...referencePath(index, left), referenceRoot(right)]
    : [...referencePath(index - split, right), referenceRoot(left)];
}

/** PROOF(m, D[n]), for 0 < m < n. */
export function referenceConsistency(from: number, leaves: readonly Uint8Array[], known = true): Buffer[] {
  if (from === leaves.length) return known ? [] : [referenceRoot(leaves)];
  const split = referenceSplit(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return from <= split
    ? [...referenceConsistency(from, left, known), referenceRoot(right)]
    : [...referenceConsistency(from - split, right, false), referenceRoot(left)];
}

/** On which side the siblings of a leaf stand, deepest first: all that an inclusion proof's check learns of index and size. */
export function inclusionShape(index: number, size: number): string {
  if (size <= 1) return '';
  const split = referenceSplit(size);
  return index < split ? `${inclusionShape(index, split)}R` : `${inclusionShape(index - split, size - split)}L`;
}

/** The same for a consistency proof; `K` where the earlier root itself is the start. */
export function consistencyShape(from: number, to: number, known = true): string {
  if (from >= to) return known ? 'K' : 'S';
  const split = referenceSplit(to);
  return from <= split ? `${consistencyShape(from, split, known)}R` : `${consistencyShape(from - split, to - split, false)}L`;
}

function referenceSplit(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
