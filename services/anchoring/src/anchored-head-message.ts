import type { MessageInitShape } from '@bufbuild/protobuf';
import type { anchoringV1 } from '@countersign/proto';
import type { ConfirmedHead } from './storage/stores.js';

/** A head of the chain as the contract tells it. */
export function anchoredHeadMessage(head: ConfirmedHead): MessageInitShape<typeof anchoringV1.AnchoredHeadSchema> {
  const { size, root, height, blockTime, chain, finality, transaction } = head;
  return { size: BigInt(size), root, height, blockTime, chain, finality, transaction };
}
