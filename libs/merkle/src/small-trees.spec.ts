import { describe, expect, it } from '@jest/globals';
import { refusalOf } from './corruption.builders.js';
import { consistencyProof, inclusionProof } from './prove.js';
import { referenceConsistency, referencePath, referenceRoot } from './reference-tree.builders.js';
import { leafHash } from './tree-hash.js';
import { verifyConsistency, verifyInclusion } from './verify-proof.js';

/** Every tree up to this size, every leaf and every earlier size of it. */
const SIZE_MAX = 64;

const leaves = Array.from({ length: SIZE_MAX }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => referenceRoot(leaves.slice(0, size)));
const SIZES = Array.from({ length: SIZE_MAX }, (_, at) => at + 1);

const hex = (proof: readonly Uint8Array[]): string => Buffer.concat(proof).toString('hex');
const root = (size: number): Buffer => roots[size]!;

/** `expect` once a case would take most of the time of hundreds of thousands of cases. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

describe('all trees up to 64 leaves', () => {
  it('prove each leaf as RFC 6962 says, at its index and at no other', () => {
    let accepted = 0;
    for (const size of SIZES) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(leaves, index, size);
        must(hex(proof) === hex(referencePath(index, leaves.slice(0, size))), `path of ${index} of ${size}`);
        for (let claimed = 0; claimed < size; claimed += 1) {
          const claim = { leafHash: leaves[index]!, index: claimed, size, proof, root: root(size) };
          const isAccepted = refusalOf(() => verifyInclusion(claim)) === undefined;
          must(isAccepted === (claimed === index), `leaf ${index} of ${size} claimed at ${claimed}`);
          if (isAccepted) accepted += 1;
        }
      }
    }
    expect(accepted).toBe((SIZE_MAX * (SIZE_MAX + 1)) / 2);
  });

  it('prove each earlier size as RFC 6962 says, and no other size or root', () => {
    let accepted = 0;
    for (const toSize of SIZES) {
      for (let fromSize = 1; fromSize <= toSize; fromSize += 1) {
        const proof = consistencyProof(leaves, fromSize, toSize);
        must(hex(proof) === hex(referenceConsistency(fromSize, leaves.slice(0, toSize))), `proof from ${fromSize} to ${toSize}`);
        const verify = (from: number, fromRoot: Uint8Array, toRoot: Uint8Array): boolean =>
          refusalOf(() => verifyConsistency({ fromSize: from, fromRoot, toSize, toRoot, proof })) === undefined;
        must(verify(fromSize, root(fromSize), root(toSize)), `${fromSize} to ${toSize}`);
        accepted += 1;
        for (let other = 0; other <= toSize; other += 1) {
          if (other === fromSize) continue;
          must(!verify(other, root(other), root(toSize)) || provesBoth(other, fromSize, toSize), `${other} for ${fromSize}`);
          if (Math.abs(other - fromSize) > 1) continue;
          must(!verify(fromSize, root(other), root(toSize)), `root of ${other} as that of ${fromSize}`);
          must(other === toSize || !verify(fromSize, root(fromSize), root(other)), `root of ${other} as that of ${toSize}`);
        }
      }
    }
    expect(accepted).toBe((SIZE_MAX * (SIZE_MAX + 1)) / 2);
  });
});

/** The empty proof is that of no leaves and of the tree itself; no other proof is that of two sizes. */
function provesBoth(one: number, other: number, toSize: number): boolean {
  return [one, other].every((size) => size === 0 || size === toSize);
}
