import { openCheckpoint, parseVerifierKey } from '@countersign/merkle';
import type { anchoringV1 } from '@countersign/proto';
import type { Trust } from '@countersign/verifier';
import type { PlatformClients } from './clients.js';
import { fetchProofs } from './proofs.js';

/** Proofs under a checkpoint that the pinned key signed, and what the chain itself stores of that log. */
export interface ProvenLog {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** True if the chain's node stores exactly this checkpoint's head. */
  readonly onChain: boolean;
  readonly byIndex: ReadonlyMap<bigint, anchoringV1.InclusionProof>;
  /** Block time of the accepted head of this size, as the chain's node says; empty if it stores none. */
  anchoredTime(size: bigint | undefined): string;
}

/**
 * Establishes a log for an audit. The anchoring service says where heads are; that they are there is read from the chain.
 *
 * @param logId 64 hex digits
 * @throws DomainError if the checkpoint is not signed by the log's pinned key: then nothing under it can be audited
 */
export async function proveLog(
  clients: PlatformClients,
  logId: string,
  indexes: readonly bigint[],
  trust: Trust,
): Promise<ProvenLog> {
  const pinned = trust.logs.find((log) => log.logId === logId);
  if (pinned === undefined) throw new Error(`the trust file does not pin log ${logId}`);
  const id = Buffer.from(logId, 'hex');
  const proofs = await fetchProofs(clients, id, indexes);
  const { size, root } = openCheckpoint(proofs.checkpoint, parseVerifierKey(pinned.verifierKey));
  const sizes = new Set([size, ...[...proofs.byIndex.values()].map((proof) => Number(proof.firstAnchored?.size ?? 0n))]);
  const heads = await readHeads(clients, id, sizes, trust);
  const head = heads.get(size);
  return {
    origin: pinned.origin,
    size,
    root,
    onChain: head !== undefined && Buffer.from(head.root).equals(root),
    byIndex: proofs.byIndex,
    anchoredTime: (first) => heads.get(Number(first ?? 0n))?.blockTime ?? '',
  };
}

interface ChainHead {
  readonly root: Uint8Array;
  readonly blockTime: string;
}

/** The chain keeps a log append-only itself (consistency proofs), so a stored head of a size stands for every smaller index. */
async function readHeads(
  { chain }: PlatformClients,
  logId: Uint8Array,
  sizes: ReadonlySet<number>,
  trust: Trust,
): Promise<ReadonlyMap<number, ChainHead>> {
  const heads = new Map<number, ChainHead>();
  if (chain === undefined || (await chain.identity()) !== trust.chain.identity) return heads;
  for (const size of sizes) {
    const head = size > 0 ? await chain.headAt(logId, size) : undefined;
    if (head !== undefined) heads.set(size, head);
  }
  return heads;
}
