import { leavesAsSource, subtreesOf, type HashSource, type SyncHashSource } from './hash-source.js';
import { consistencyPlan, inclusionPlan, type ProofNode } from './proof-plan.js';
import { emptyRoot, nodeHash, requireHash } from './tree-hash.js';

/** Where the hashes of a proof come from: all leaf hashes in order, or a source of subtree roots. */
export type ProofSource = readonly Uint8Array[] | SyncHashSource;

/**
 * Proof that the leaf at `index` is in the tree of the first `size` leaves, deepest sibling first (RFC 6962 section 2.1.1).
 *
 * @throws DomainError FIELD_INVALID if there is no such leaf or the source holds fewer leaves
 */
export function inclusionProof(source: ProofSource, index: number, size: number): Buffer[] {
  return resolve(source, inclusionPlan(index, size));
}

/**
 * Proof that the tree of `toSize` leaves extends that of `fromSize` leaves (RFC 6962 section 2.1.2).
 *
 * @throws DomainError FIELD_INVALID if the sizes are reversed or the source holds fewer leaves
 */
export function consistencyProof(source: ProofSource, fromSize: number, toSize: number): Buffer[] {
  return resolve(source, consistencyPlan(fromSize, toSize));
}

/** Root of the tree of the first `size` leaves. */
export function rootAt(source: ProofSource, size: number): Buffer {
  return size === 0 ? Buffer.from(emptyRoot) : foldSubtrees(hashesOf(syncSource(source), subtreesOf(0, size)));
}

/** Like `inclusionProof`, from a source that may answer later; all its hashes are asked for at once. */
export async function proveInclusion(source: HashSource, index: number, size: number): Promise<Buffer[]> {
  return fetchAll(source, inclusionPlan(index, size));
}

/** Like `consistencyProof`, from a source that may answer later; all its hashes are asked for at once. */
export async function proveConsistency(source: HashSource, fromSize: number, toSize: number): Promise<Buffer[]> {
  return fetchAll(source, consistencyPlan(fromSize, toSize));
}

/** Like `rootAt`, from a source that may answer later. */
export async function fetchRoot(source: HashSource, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.from(emptyRoot);
  const [root] = await fetchAll(source, [subtreesOf(0, size)]);
  return root as Buffer;
}

function resolve(source: ProofSource, plan: readonly ProofNode[]): Buffer[] {
  const hashes = syncSource(source);
  return plan.map((node) => foldSubtrees(hashesOf(hashes, node)));
}

async function fetchAll(source: HashSource, plan: readonly ProofNode[]): Promise<Buffer[]> {
  const fetchNode = async (node: ProofNode): Promise<Buffer> =>
    foldSubtrees(await Promise.all(node.map(({ level, index }) => source.hashAt(level, index))));
  return Promise.all(plan.map(fetchNode));
}

function syncSource(source: ProofSource): SyncHashSource {
  return 'hashAt' in source ? source : leavesAsSource(source);
}

function hashesOf(source: SyncHashSource, node: ProofNode): Uint8Array[] {
  return node.map(({ level, index }) => source.hashAt(level, index));
}

function foldSubtrees(hashes: readonly Uint8Array[]): Buffer {
  for (const hash of hashes) requireHash(hash, 'hashAt');
  return Buffer.from(hashes.reduceRight((right, left) => nodeHash(left, right)));
}
