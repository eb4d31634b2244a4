import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import { consistencyProof, leafHash, MemoryTree, rootAt, verifyConsistency } from '@countersign/merkle';
import * as fc from 'fast-check';
import { type Hex } from 'viem';
import { compileContract } from './compile.js';
import { openRegistryFixture, type RegistryFixture } from './registry-fixture.js';

/** One consistency claim as the contract sees it. */
interface Case {
  firstSize: bigint;
  firstRoot: Hex;
  secondSize: bigint;
  secondRoot: Hex;
  proof: Hex[];
}

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
const tree = new MemoryTree(Array.from({ length: 3000 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`))));

function claim(from: number, to: number): Case {
  return {
    firstSize: BigInt(from),
    firstRoot: hex(rootAt(tree, from)),
    secondSize: BigInt(to),
    secondRoot: hex(rootAt(tree, to)),
    proof: consistencyProof(tree, from, to).map(hex),
  };
}

/** Every way to corrupt one claim a little; none may pass. */
function corruptions(good: Case): Case[] {
  const flip = (value: Hex): Hex => `0x${(BigInt(value) ^ 1n).toString(16).padStart(64, '0')}`;
  const { proof } = good;
  return [
    { ...good, firstRoot: flip(good.firstRoot) },
    { ...good, secondRoot: flip(good.secondRoot) },
    { ...good, firstRoot: good.secondRoot, secondRoot: good.firstRoot },
    { ...good, proof: [...proof, good.firstRoot] },
    { ...good, proof: [good.firstRoot, ...proof] },
    { ...good, proof: proof.slice(1) },
    { ...good, proof: proof.slice(0, -1) },
    { ...good, proof: [] },
    ...proof.map((node, index) => ({ ...good, proof: proof.with(index, flip(node)) })),
    ...(new Set(proof).size > 1 ? [{ ...good, proof: proof.toReversed() }] : []),
  ];
}

describe('consistency proofs on chain', () => {
  let fixture: RegistryFixture;
  let verifyAll: (cases: Case[]) => Promise<readonly boolean[]>;

  beforeAll(async () => {
    fixture = await openRegistryFixture();
    const harness = compileContract('ConsistencyHarness', import.meta.dirname);
    const address = await fixture.deploy(harness.abi, harness.bytecode, []);
    verifyAll = async (cases) =>
      (await fixture.client.readContract({ address, abi: harness.abi, functionName: 'verifyAll', args: [cases] })) as boolean[];
  });
  afterAll(() => fixture?.close());

  it('accepts every pair of sizes up to 40 and refuses every corruption of it', async () => {
    for (let to = 2; to <= 40; to += 1) {
      const good = Array.from({ length: to - 1 }, (_, index) => claim(index + 1, to));
      expect(await verifyAll(good)).toEqual(good.map(() => true));
      const bad = good.flatMap(corruptions);
      expect(await verifyAll(bad)).toEqual(bad.map(() => false));
    }
  });

  // A consistency proof alone cannot tell every wrong size: [leaf 1, leaf 2] leads from 1 to 3 leaves as well as, with leaf 2
  // taken for a node, to 4. Size and root are bound by the checkpoint's signature; chain and verifier must only agree.
  it("gives the library's verdict on proofs for other sizes", async () => {
    for (let to = 2; to <= 40; to += 1) {
      const cases = Array.from({ length: to - 1 }, (_, index) => claim(index + 1, to)).flatMap((good) => [
        { ...good, firstSize: good.firstSize + 1n },
        { ...good, firstSize: good.firstSize - 1n },
        { ...good, secondSize: good.secondSize + 1n },
        { ...good, secondSize: good.secondSize - 1n },
        { ...good, firstSize: good.secondSize, secondSize: good.firstSize },
      ]);
      const judged = cases.filter(({ firstSize, secondSize }) => firstSize > 0n && firstSize < secondSize);
      expect(await verifyAll(judged)).toEqual(judged.map(verifiesHere));
      const skipped = cases.filter((skipped) => !judged.includes(skipped));
      expect(await verifyAll(skipped)).toEqual(skipped.map(() => false));
    }
  });

  it('refuses the sizes that a commit never has', async () => {
    const root = hex(rootAt(tree, 7));
    const cases = [
      { firstSize: 0n, firstRoot: root, secondSize: 7n, secondRoot: root, proof: [] },
      { firstSize: 7n, firstRoot: root, secondSize: 7n, secondRoot: root, proof: [] },
      { ...claim(3, 7), firstSize: 2n ** 64n - 1n, secondSize: 2n ** 64n - 1n },
      { ...claim(3, 7), secondSize: 2n ** 64n - 1n },
    ];
    expect(await verifyAll(cases)).toEqual([false, false, false, false]);
  });

  it('agrees with the library on random sizes and random corruptions', async () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 2999 }), fc.integer({ min: 1, max: 2999 })).filter(([a, b]) => a !== b);
    const pairs = fc.sample(pair, { numRuns: 300, seed: 6962 }).map(([a, b]) => claim(Math.min(a, b), Math.max(a, b)));
    for (let start = 0; start < pairs.length; start += 20) {
      const good = pairs.slice(start, start + 20);
      expect(await verifyAll(good)).toEqual(good.map(() => true));
      const bad = good.flatMap(corruptions);
      expect(await verifyAll(bad)).toEqual(bad.map(() => false));
    }
  });
});

/** The verdict of libs/merkle. */
function verifiesHere(claim: Case): boolean {
  const bytes = (value: Hex): Buffer => Buffer.from(value.slice(2), 'hex');
  try {
    verifyConsistency({
      fromSize: Number(claim.firstSize),
      fromRoot: bytes(claim.firstRoot),
      toSize: Number(claim.secondSize),
      toRoot: bytes(claim.secondRoot),
      proof: claim.proof.map(bytes),
    });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'PROOF_BROKEN') return false;
    throw error;
  }
}
