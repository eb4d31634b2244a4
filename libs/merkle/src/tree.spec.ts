import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompactRange, rootFromLeaves } from './compact-range.js';
import { refusalOf } from './corruption.builders.js';
import { MemoryTree, type HashSource } from './hash-source.js';
import { consistencyProof, fetchRoot, inclusionProof, proveConsistency, proveInclusion, rootAt } from './prove.js';
import { referenceConsistency, referenceLeaf, referencePath, referenceRoot } from './reference-tree.builders.js';
import { emptyRoot, leafHash, nodeHash } from './tree-hash.js';
import { verifyConsistency, verifyInclusion } from './verify-proof.js';

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../../vectors/trees.json'), 'utf8')) as {
  entries: string[];
  leafHashes: string[];
  roots: string[];
  largeRoot: { size: number; root: string };
};

/** Roots that Certificate Transparency implementations publish for the eight entries of the vectors. */
const PUBLISHED_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaves = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));
const MANY = leaves(300);

describe('tree hashing', () => {
  it('gives the published roots', () => {
    expect(vectors.roots).toEqual(PUBLISHED_ROOTS);
    const hashes = vectors.entries.map((entry) => leafHash(Buffer.from(entry, 'hex')));
    expect(hashes.map((hash) => hash.toString('hex'))).toEqual(vectors.leafHashes);
    for (const [size, root] of PUBLISHED_ROOTS.entries()) {
      expect(rootFromLeaves(hashes.slice(0, size)).toString('hex')).toBe(root);
      expect(referenceRoot(hashes.slice(0, size)).toString('hex')).toBe(root);
    }
  });

  it('gives the root of the large tree of the vectors', () => {
    const entries = Array.from({ length: vectors.largeRoot.size }, (_, index) => Buffer.from([0, 0, index >> 8, index & 0xff]));
    expect(referenceRoot(entries.map(referenceLeaf)).toString('hex')).toBe(vectors.largeRoot.root);
    expect(rootFromLeaves(entries.map(leafHash)).toString('hex')).toBe(vectors.largeRoot.root);
  });

  it('hashes entries of any length, one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000, size: 'max' }), { maxLength: 5 }), (entries) => {
        for (const entry of entries) expect(leafHash(entry)).toEqual(referenceLeaf(entry));
      }),
    );
  });

  it('returns digests that later hashing leaves alone', () => {
    const first = leafHash(Buffer.from('a'));
    const copy = Buffer.from(first);
    nodeHash(first, leafHash(Buffer.from('b')));
    expect(first.equals(copy)).toBe(true);
  });

  it('refuses children that are not 32 bytes', () => {
    const hash = MANY[0]!;
    expect(refusalOf(() => nodeHash(hash.subarray(1), Buffer.concat([hash, hash.subarray(0, 1)])))).toBe('FIELD_INVALID');
    expect(refusalOf(() => nodeHash(hash, Buffer.alloc(0)))).toBe('FIELD_INVALID');
  });
});

describe('CompactRange', () => {
  it('has the reference root at every size', () => {
    const range = CompactRange.empty();
    for (const [index, leaf] of MANY.slice(0, 70).entries()) {
      expect(range.root()).toEqual(referenceRoot(MANY.slice(0, index)));
      range.append(leaf);
      expect(range.size).toBe(index + 1);
    }
  });

  it('goes on after a restore as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.nat(MANY.length), fc.nat(MANY.length), (left, right) => {
        const [split, end] = left < right ? [left, right] : [right, left];
        const before = CompactRange.empty();
        for (const leaf of MANY.slice(0, split)) before.append(leaf);
        const after = CompactRange.restore({ size: before.size, hashes: before.hashes() });
        for (const leaf of MANY.slice(split, end)) after.append(leaf);
        expect(after.root()).toEqual(rootFromLeaves(MANY.slice(0, end)));
      }),
    );
  });

  it('reports every complete subtree once, children first', () => {
    const nodes = new Map<string, Buffer>();
    const range = CompactRange.empty();
    for (const leaf of MANY.slice(0, 21)) {
      range.append(leaf, (level, index, hash) => {
        const children =
          level === 0 ? [] : [nodes.get(`${level - 1}/${2 * index}`)!, nodes.get(`${level - 1}/${2 * index + 1}`)!];
        expect(nodes.has(`${level}/${index}`)).toBe(false);
        expect(hash).toEqual(level === 0 ? MANY[index] : nodeHash(children[0]!, children[1]!));
        nodes.set(`${level}/${index}`, hash);
      });
    }
    expect(nodes.size).toBe(21 + 10 + 5 + 2 + 1);
  });

  it('refuses a state whose hashes do not fit its size', () => {
    const hash = MANY[0]!;
    expect(refusalOf(() => CompactRange.restore({ size: 3, hashes: [hash] }))).toBe('FIELD_INVALID');
    expect(refusalOf(() => CompactRange.restore({ size: 1, hashes: [hash, hash] }))).toBe('FIELD_INVALID');
    expect(refusalOf(() => CompactRange.restore({ size: 1, hashes: [hash.subarray(1)] }))).toBe('FIELD_INVALID');
    expect(refusalOf(() => CompactRange.restore({ size: -1, hashes: [] }))).toBe('FIELD_INVALID');
    expect(refusalOf(() => CompactRange.restore({ size: 2 ** 53, hashes: [hash] }))).toBe('FIELD_INVALID');
    expect(refusalOf(() => CompactRange.empty().append(hash.subarray(1)))).toBe('FIELD_INVALID');
  });

  it('ends at the largest size that can be counted', () => {
    const size = 2 ** 53 - 2;
    const hashes = Array.from({ length: 52 }, () => MANY[0]!);
    const range = CompactRange.restore({ size, hashes });
    range.append(MANY[1]!);
    expect(range.hashes()).toHaveLength(53);
    expect(refusalOf(() => range.append(MANY[1]!))).toBe('FIELD_INVALID');
  });
});

describe('proofs', () => {
  const tree = new MemoryTree(MANY);
  const slow: HashSource = { hashAt: async (level, index) => tree.hashAt(level, index) };

  it('equal those of the definition, from leaves and from stored nodes, and verify', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 130 }), fc.nat(), async (size, seed) => {
        const index = seed % size;
        const expected = referencePath(index, MANY.slice(0, size));
        expect(inclusionProof(MANY, index, size)).toEqual(expected);
        expect(inclusionProof(tree, index, size)).toEqual(expected);
        expect(await proveInclusion(slow, index, size)).toEqual(expected);
        verifyInclusion({ leafHash: MANY[index]!, index, size, proof: expected, root: rootAt(tree, size) });
      }),
    );
  });

  it('of consistency equal those of the definition, and verify', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 130 }), fc.nat(), async (toSize, seed) => {
        const fromSize = 1 + (seed % toSize);
        const expected = fromSize === toSize ? [] : referenceConsistency(fromSize, MANY.slice(0, toSize));
        expect(consistencyProof(MANY, fromSize, toSize)).toEqual(expected);
        expect(consistencyProof(tree, fromSize, toSize)).toEqual(expected);
        expect(await proveConsistency(slow, fromSize, toSize)).toEqual(expected);
        const [fromRoot, toRoot] = [rootAt(tree, fromSize), await fetchRoot(slow, toSize)];
        verifyConsistency({ fromSize, fromRoot, toSize, toRoot, proof: expected });
      }),
    );
  });

  it('from the empty tree are empty', async () => {
    expect(consistencyProof(tree, 0, 7)).toEqual([]);
    expect(rootAt(tree, 0)).toEqual(Buffer.from(emptyRoot));
    expect(await fetchRoot(slow, 0)).toEqual(Buffer.from(emptyRoot));
    verifyConsistency({ fromSize: 0, fromRoot: emptyRoot, toSize: 7, toRoot: rootAt(tree, 7), proof: [] });
    verifyConsistency({ fromSize: 0, fromRoot: emptyRoot, toSize: 0, toRoot: emptyRoot, proof: [] });
  });

  it('of a forged link in a chain of a thousand fail at that link', () => {
    const forged = new MemoryTree(MANY.map((leaf, index) => (index === 150 ? leafHash(Buffer.from('forged')) : leaf)));
    for (let size = 1; size < MANY.length; size += 1) {
      const [from, to] = [size >= 200 ? forged : tree, size + 1 >= 200 ? forged : tree];
      const claim = {
        fromSize: size,
        fromRoot: rootAt(from, size),
        toSize: size + 1,
        toRoot: rootAt(to, size + 1),
        proof: consistencyProof(to, size, size + 1),
      };
      expect(refusalOf(() => verifyConsistency(claim))).toBe(size + 1 === 200 ? 'PROOF_BROKEN' : undefined);
    }
  });

  it('are refused for leaves that are not there', async () => {
    expect(refusalOf(() => inclusionProof(tree, 7, 7))).toBe('FIELD_INVALID');
    expect(refusalOf(() => inclusionProof(tree, -1, 7))).toBe('FIELD_INVALID');
    expect(refusalOf(() => inclusionProof(MANY.slice(0, 5), 2, 7))).toBe('FIELD_INVALID');
    expect(refusalOf(() => inclusionProof(tree, 0, MANY.length + 1))).toBe('FIELD_INVALID');
    expect(refusalOf(() => consistencyProof(tree, 8, 7))).toBe('FIELD_INVALID');
    expect(refusalOf(() => rootAt(tree, MANY.length + 1))).toBe('FIELD_INVALID');
    await expect(proveInclusion(slow, 0, MANY.length + 1)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
  });
});
