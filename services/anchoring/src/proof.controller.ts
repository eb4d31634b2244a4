import type { MessageInitShape } from '@bufbuild/protobuf';
import { requireRole } from '@countersign/access';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { DomainError } from '@countersign/kernel';
import { anchoringV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { anchoredHeadMessage } from './anchored-head-message.js';
import { Anchoring } from './anchoring.js';
import { LIMITS } from './config.js';
import type { ItemEntryProof, ProvenHeads } from './heads/item-evidence.js';

/** Proofs, for auditors and our own services. */
@GrpcController(anchoringV1.ProofService)
export class ProofController implements GrpcHandlers<typeof anchoringV1.ProofService> {
  constructor(@Inject(Anchoring) private readonly anchoring: Anchoring) {}

  async getInclusionProofs(
    { logId, indexes, treeSize, allowUnanchored }: anchoringV1.GetInclusionProofsRequest,
    { actor }: RpcCall,
  ): Promise<MessageInitShape<typeof anchoringV1.GetInclusionProofsResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const { checkpoint, proofs, anchored } = await this.anchoring.proofs.proveInclusion(this.anchoring.live(logId), {
      indexes: indexes.map((index) => countOf(index, 'indexes')),
      treeSize: countOf(treeSize, 'tree_size'),
      allowUnanchored,
    });
    return {
      checkpoint: checkpoint.note,
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

  async *getItemEvidence(
    { logId, itemKeys, treeSize, headsSize, allowUnanchored }: anchoringV1.GetItemEvidenceRequest,
    { actor }: RpcCall,
  ): AsyncGenerator<MessageInitShape<typeof anchoringV1.GetItemEvidenceResponseSchema>> {
    requireRole(actor, 'auditor', 'service');
    const { heads, items } = await this.anchoring.itemEvidence.prove(this.anchoring.withHeads(logId), {
      itemKeys,
      treeSize: countOf(treeSize, 'tree_size'),
      headsSize: countOf(headsSize, 'heads_size'),
      allowUnanchored,
    });
    yield { part: { case: 'heads', value: headsMessage(heads) } };
    for (const { itemKey, mapProof, count, entries } of items) {
      yield { part: { case: 'item', value: { itemKey, mapProof, entryCount: BigInt(count) } } };
      for (let from = 0; from < count; from += LIMITS.provenEntriesPerChunk) {
        const proven = await entries(from, from + LIMITS.provenEntriesPerChunk);
        yield { part: { case: 'entries', value: { entries: proven.map(entryMessage) } } };
      }
    }
  }
}

function headsMessage(heads: ProvenHeads): MessageInitShape<typeof anchoringV1.ItemHeadsSchema> {
  const { checkpoint, anchored, headsCheckpoint, headsAnchored, index, entry, path } = heads;
  return {
    checkpoint: checkpoint.note,
    anchored: anchored && anchoredHeadMessage(anchored),
    headsCheckpoint: headsCheckpoint.note,
    headsAnchored: headsAnchored && anchoredHeadMessage(headsAnchored),
    headsIndex: BigInt(index),
    headsEntry: entry,
    headsPath: [...path],
  };
}

function entryMessage({ index, entry, path }: ItemEntryProof): MessageInitShape<typeof anchoringV1.InclusionProofSchema> {
  return { index: BigInt(index), entry, path: [...path] };
}

/** No tree is larger than 2^53 − 1. */
function countOf(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DomainError('FIELD_INVALID', { field, rule: 'must be below 2^53' });
  return Number(value);
}
