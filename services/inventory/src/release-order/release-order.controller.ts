import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL } from '@countersign/host';
import { documentKey, DomainError, parseDocumentNumber } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { requireParty } from '../visibility.js';
import { RELEASE_ORDER } from './release-order.js';

@GrpcController(inventoryV1.ReleaseOrderService)
export class ReleaseOrderController implements GrpcHandlers<typeof inventoryV1.ReleaseOrderService> {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  async getReleaseOrder(
    request: inventoryV1.GetReleaseOrderRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.GetReleaseOrderResponseSchema>> {
    const key = documentKey(parseDocumentNumber(request.documentNumber, 'document_number'), request.year);
    await requireParty(this.journal, `${RELEASE_ORDER.category}/${key}`, call.actor);
    const order = await this.journal.read(RELEASE_ORDER, key);
    if (order === undefined || order.status === 'NONE') throw new DomainError('NOT_FOUND');
    const { ric, nsn, unitOfIssue, quantity, issued, requisitioner } = order;
    return { ric, nsn, unitOfIssue, quantity: BigInt(quantity), issued: BigInt(issued), requisitioner };
  }
}
