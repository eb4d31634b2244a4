import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bitFlips, lengthChanges, refusalOf } from './corruption.builders.js';
import { consistencyShape, inclusionShape } from './reference-tree.builders.js';
import { leafHash, nodeHash } from './tree-hash.js';
import { verifyConsistency, verifyInclusion, type ConsistencyClaim, type InclusionClaim } from './verify-proof.js';

interface TreeVectors {
  readonly entries: readonly string[];
  readonly leafHashes: readonly string[];
  readonly inclusions: readonly { index: number; size: number; leafHash: string; proof: string[]; root: string }[];
  readonly consistencies: readonly { fromSize: number; fromRoot: string; toSize: number; toRoot: string; proof: string[] }[];
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/trees.json'), 'utf8')) as TreeVectors;
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');

const inclusions = vectors.inclusions.map((vector): InclusionClaim => ({
  ...vector,
  leafHash: bytes(vector.leafHash),
  proof: vector.proof.map(bytes),
  root: bytes(vector.root),
}));
const consistencies = vectors.consistencies.map((vector): ConsistencyClaim => ({
  ...vector,
  fromRoot: bytes(vector.fromRoot),
  toRoot: bytes(vector.toRoot),
  proof: vector.proof.map(bytes),
}));

/** Numbers near and far from it, and each of its low bits turned. */
function otherNumbers(value: number): number[] {
  const flipped = Array.from({ length: 12 }, (_, bit) => value ^ (1 << bit));
  const numbers = [...flipped, value - 1, value + 1, value * 2, Math.floor(value / 2), 0, 2 ** 32 + value, 2 ** 53 - 1];
  return [...new Set(numbers)].filter((number) => number !== value);
}

/** `expect` once a case would take most of the time of tens of thousands of cases. */
function mustBreak(verify: () => void): void {
  const code = refusalOf(verify);
  if (code !== 'PROOF_BROKEN') expect(code).toBe('PROOF_BROKEN');
}

function replaced<T>(list: readonly T[], position: number, element: T): T[] {
  return list.map((old, index) => (index === position ? element : old));
}

/** Proofs of another length or order. */
function otherProofs(proof: readonly Uint8Array[]): Uint8Array[][] {
  const extra = Buffer.alloc(32, 7);
  const longer = [[...proof, extra], [extra, ...proof], ...proof.map((hash) => [...proof, hash])];
  const shorter = proof.map((_, position) => proof.filter((__, index) => index !== position));
  const swapped = proof.slice(1).map((_, position) => {
    const [left, right] = [proof[position]!, proof[position + 1]!];
    return replaced(replaced(proof, position, right), position + 1, left);
  });
  return [...longer, ...shorter, ...swapped];
}

describe('verifyInclusion', () => {
  it('accepts every vector', () => {
    expect(inclusions.length).toBeGreaterThan(36);
    for (const claim of inclusions) expect(refusalOf(() => verifyInclusion(claim))).toBeUndefined();
  });

  it('refuses every vector with any bit of any digest turned', () => {
    for (const claim of inclusions) {
      const changed = [
        ...bitFlips(claim.leafHash).map((hash) => ({ ...claim, leafHash: hash })),
        ...bitFlips(claim.root).map((root) => ({ ...claim, root })),
        ...claim.proof.flatMap((hash, at) =>
          bitFlips(hash).map((other) => ({ ...claim, proof: replaced(claim.proof, at, other) })),
        ),
      ];
      for (const other of changed) mustBreak(() => verifyInclusion(other));
    }
  });

  it('refuses every vector with another proof length or sibling order', () => {
    for (const claim of inclusions) {
      for (const proof of otherProofs(claim.proof)) mustBreak(() => verifyInclusion({ ...claim, proof }));
    }
  });

  it('refuses every vector with a digest of another length', () => {
    for (const claim of inclusions) {
      for (const root of lengthChanges(claim.root)) mustBreak(() => verifyInclusion({ ...claim, root }));
      for (const hash of lengthChanges(claim.leafHash)) {
        mustBreak(() => verifyInclusion({ ...claim, leafHash: hash }));
      }
      for (const [at, sibling] of claim.proof.entries()) {
        for (const hash of lengthChanges(sibling)) {
          mustBreak(() => verifyInclusion({ ...claim, proof: replaced(claim.proof, at, hash) }));
        }
      }
    }
  });

  it('refuses every vector at another index', () => {
    for (const claim of inclusions) {
      for (const index of otherNumbers(claim.index)) mustBreak(() => verifyInclusion({ ...claim, index }));
    }
  });

  // Size and root stand in one signed checkpoint. Where two sizes put a leaf's siblings on the same sides, the path alone cannot
  // tell them apart (RFC 9162 has no such duty); everywhere else it must.
  it('refuses every vector for another size that gives the path another shape', () => {
    let compared = 0;
    for (const claim of inclusions) {
      const shape = inclusionShape(claim.index, claim.size);
      const sizes = otherNumbers(claim.size).filter((size) => size <= claim.index || inclusionShape(claim.index, size) !== shape);
      compared += sizes.length;
      for (const size of sizes) mustBreak(() => verifyInclusion({ ...claim, size }));
    }
    expect(compared).toBeGreaterThan(inclusions.length * 10);
  });

  it.each([Number.NaN, -1, 0.5, 2 ** 53, Infinity])('refuses %d as index or size', (number) => {
    const claim = inclusions[0]!;
    mustBreak(() => verifyInclusion({ ...claim, index: number }));
    mustBreak(() => verifyInclusion({ ...claim, size: number }));
  });

  it('refuses an inner node as a leaf', () => {
    const [first, second] = vectors.leafHashes.slice(0, 2).map(bytes);
    const inner = nodeHash(first!, second!);
    const ofFour = inclusions.find(({ index, size }) => index === 0 && size === 4)!;
    // The shorter path from the inner node to the same root, as if the tree had half as many leaves, needs a size that nobody signed.
    const claim = { ...ofFour, leafHash: inner, proof: ofFour.proof.slice(1) };
    mustBreak(() => verifyInclusion(claim));
    expect(leafHash(Buffer.concat([first!, second!])).equals(inner)).toBe(false);
  });
});

describe('verifyConsistency', () => {
  it('accepts every vector', () => {
    expect(consistencies.length).toBeGreaterThan(45);
    for (const claim of consistencies) expect(refusalOf(() => verifyConsistency(claim))).toBeUndefined();
  });

  it('refuses every vector with any bit of any digest turned', () => {
    for (const claim of consistencies) {
      const turned = [
        ...bitFlips(claim.fromRoot).map((fromRoot) => ({ ...claim, fromRoot })),
        // From the empty tree any later tree is consistent; its root is bound by its own checkpoint alone.
        ...(claim.fromSize === 0 && claim.toSize > 0 ? [] : bitFlips(claim.toRoot).map((toRoot) => ({ ...claim, toRoot }))),
        ...claim.proof.flatMap((hash, at) =>
          bitFlips(hash).map((other) => ({ ...claim, proof: replaced(claim.proof, at, other) })),
        ),
      ];
      for (const other of turned) mustBreak(() => verifyConsistency(other));
    }
  });

  it('refuses every vector with another proof length or sibling order', () => {
    for (const claim of consistencies) {
      for (const proof of otherProofs(claim.proof)) mustBreak(() => verifyConsistency({ ...claim, proof }));
    }
  });

  it('refuses every vector with a digest of another length', () => {
    for (const claim of consistencies) {
      for (const root of lengthChanges(claim.fromRoot)) {
        mustBreak(() => verifyConsistency({ ...claim, fromRoot: root }));
      }
      for (const root of lengthChanges(claim.toRoot)) {
        mustBreak(() => verifyConsistency({ ...claim, toRoot: root }));
      }
    }
  });

  it('refuses every vector between other sizes that give the proof another shape', () => {
    let compared = 0;
    for (const claim of consistencies.filter(({ fromSize }) => fromSize > 0)) {
      const { fromSize, toSize } = claim;
      const shape = consistencyShape(fromSize, toSize);
      const differs = (from: number, to: number): boolean => from > to || from === 0 || consistencyShape(from, to) !== shape;
      const others = [
        ...otherNumbers(fromSize).map((from) => ({ ...claim, fromSize: from })),
        ...otherNumbers(toSize).map((to) => ({ ...claim, toSize: to })),
      ].filter((other) => differs(other.fromSize, other.toSize));
      compared += others.length;
      for (const other of others) mustBreak(() => verifyConsistency(other));
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it('refuses a proof from a rewritten tree', () => {
    const claim = consistencies.find(({ fromSize, toSize }) => fromSize === 6 && toSize === 8)!;
    const rewritten = consistencies.find(({ fromSize, toSize }) => fromSize === 5 && toSize === 8)!;
    mustBreak(() => verifyConsistency({ ...claim, proof: rewritten.proof }));
  });
});
