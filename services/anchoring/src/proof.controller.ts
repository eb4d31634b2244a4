import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { anchoringV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { anchoredHeadMessage } from './anchored-head-message.js';
import { Anchoring } from './anchoring.js';

/** Proofs, for auditors and our own services. */
@GrpcController(anchoringV1.ProofService)
export class ProofController implements GrpcHandlers<typeof anchoringV1.ProofService> {
  constructor(@Inject(Anchoring) private readonly anchoring: Anchoring) {}

  async getInclusionProofs(
    { logId, indexes, treeSize, allowUnanchored }: anchoringV1.GetInclusionProofsRequest,
    { actor }: RpcCall,
  ): Promise<MessageInitShape<typeof anchoringV1.GetInclusionProofsResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const live = this.anchoring.live(logId);
    const { checkpoint, proofs, anchored } = await this.anchoring.proofs.proveInclusion(live, {
      indexes: indexes.map((index) => countOf(index, 'indexes')),
      treeSize: countOf(treeSize, 'tree_size'),
      allowUnanchored,
    });
    return {
      checkpoint: await this.anchoring.notes.noteOf(live.log, checkpoint),
      proofs: proofs.map(({ index, entry, path, firstAnchored }) => ({
        index: BigInt(index),
        entry,
        path: [...path],
        firstAnchored: firstAnchored && anchoredHeadMessage(firstAnchored),
      })),
      anchored: anchored && anchoredHeadMessage(anchored),
    };
  }

  async getConsistencyProof(
    { logId, fromSize, toSize }: anchoringV1.GetConsistencyProofRequest,
    { actor }: RpcCall,
  ): Promise<MessageInitShape<typeof anchoringV1.GetConsistencyProofResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const live = this.anchoring.live(logId);
    const path = await this.anchoring.proofs.proveConsistency(live, countOf(fromSize, 'from_size'), countOf(toSize, 'to_size'));
    return { path: [...path] };
  }
}

/** No tree is larger than 2^53 − 1. */
function countOf(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DomainError('FIELD_INVALID', { field, rule: 'must be below 2^53' });
  return Number(value);
}
