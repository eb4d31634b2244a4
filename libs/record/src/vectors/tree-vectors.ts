import { consistencyProof, inclusionProof, leafHash, MemoryTree, rootAt } from '@countersign/merkle';
import { hex } from './fixed-inputs.js';

/** The eight entries that Certificate Transparency implementations have tested with since RFC 6962; in hex. */
const REFERENCE_ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];

const LARGE_SIZE = 1000;
const LARGE_INCLUSIONS = [
  [0, 1000],
  [511, 1000],
  [512, 1000],
  [999, 1000],
  [998, 999],
  [767, 769],
] as const;
const LARGE_CONSISTENCIES = [
  [1, 1000],
  [512, 1000],
  [513, 1000],
  [999, 1000],
  [300, 768],
] as const;

export interface InclusionVector {
  readonly index: number;
  readonly size: number;
  readonly leafHash: string;
  /** Deepest sibling first. */
  readonly proof: readonly string[];
  readonly root: string;
}

export interface ConsistencyVector {
  readonly fromSize: number;
  readonly fromRoot: string;
  readonly toSize: number;
  readonly toRoot: string;
  readonly proof: readonly string[];
}

export interface TreeVectors {
  readonly entries: readonly string[];
  readonly leafHashes: readonly string[];
  /** By size, from 0. */
  readonly roots: readonly string[];
  /** Leaf i of the large tree is the entry of 4 bytes big endian i. */
  readonly largeRoot: { readonly size: number; readonly root: string };
  readonly inclusions: readonly InclusionVector[];
  readonly consistencies: readonly ConsistencyVector[];
}

export function treeVectors(): TreeVectors {
  const leafHashes = REFERENCE_ENTRIES.map((entry) => leafHash(Buffer.from(entry, 'hex')));
  const small = new MemoryTree(leafHashes);
  const large = new MemoryTree(largeLeafHashes());
  const sizes = Array.from({ length: leafHashes.length + 1 }, (_, size) => size);
  const inclusions = sizes.flatMap((size) => sizes.filter((index) => index < size).map((index) => inclusionOf(small, index, size)));
  const consistencies = sizes.flatMap((to) => sizes.filter((from) => from <= to).map((from) => consistencyOf(small, from, to)));
  return {
    entries: REFERENCE_ENTRIES,
    leafHashes: leafHashes.map(hex),
    roots: sizes.map((size) => hex(rootAt(small, size))),
    largeRoot: { size: LARGE_SIZE, root: hex(large.root()) },
    inclusions: [...inclusions, ...LARGE_INCLUSIONS.map(([index, size]) => inclusionOf(large, index, size))],
    consistencies: [...consistencies, ...LARGE_CONSISTENCIES.map(([from, to]) => consistencyOf(large, from, to))],
  };
}

function largeLeafHashes(): Buffer[] {
  return Array.from({ length: LARGE_SIZE }, (_, index) => {
    const entry = Buffer.alloc(4);
    entry.writeUInt32BE(index);
    return leafHash(entry);
  });
}

function inclusionOf(tree: MemoryTree, index: number, size: number): InclusionVector {
  const proof = inclusionProof(tree, index, size).map(hex);
  return { index, size, leafHash: hex(tree.hashAt(0, index)), proof, root: hex(rootAt(tree, size)) };
}

function consistencyOf(tree: MemoryTree, fromSize: number, toSize: number): ConsistencyVector {
  const proof = consistencyProof(tree, fromSize, toSize).map(hex);
  return { fromSize, fromRoot: hex(rootAt(tree, fromSize)), toSize, toRoot: hex(rootAt(tree, toSize)), proof };
}
