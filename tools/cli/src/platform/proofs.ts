import type { anchoringV1 } from '@countersign/proto';
import type { PlatformClients } from './clients.js';

/** Inclusion proofs of some leaves of one log, all under one checkpoint. */
export interface LogProofs {
  readonly checkpoint: string;
  /** The chain's head for exactly this checkpoint; absent while it is not on chain. */
  readonly anchored?: anchoringV1.AnchoredHead;
  readonly byIndex: ReadonlyMap<bigint, anchoringV1.InclusionProof>;
}

const INDEXES_MAX = 1000;

/**
 * Fetches proofs for all indexes under one checkpoint.
 *
 * @param size of that checkpoint; 0 for the latest on chain that covers them, else the latest signed one
 */
export async function fetchProofs(
  clients: Pick<PlatformClients, 'proofs'>,
  logId: Uint8Array,
  indexes: readonly bigint[],
  size = 0n,
): Promise<LogProofs> {
  const byIndex = new Map<bigint, anchoringV1.InclusionProof>();
  // The highest index decides which checkpoint covers all; asking for it first pins the size for the rest.
  const sorted = [...indexes].sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
  let treeSize = size;
  let checkpoint = '';
  let anchored: anchoringV1.AnchoredHead | undefined;
  for (let from = 0; from < sorted.length; from += INDEXES_MAX) {
    const reply = await clients.proofs.getInclusionProofs({
      logId,
      indexes: sorted.slice(from, from + INDEXES_MAX),
      treeSize,
      allowUnanchored: true,
    });
    if (from === 0) {
      checkpoint = reply.checkpoint;
      anchored = reply.anchored;
      treeSize = BigInt(checkpoint.split('\n')[1] ?? '0');
    }
    for (const proof of reply.proofs) byIndex.set(proof.index, proof);
  }
  return { checkpoint, anchored, byIndex };
}
