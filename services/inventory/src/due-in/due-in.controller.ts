import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL } from '@countersign/host';
import { DomainError, parsePiid, parseShipmentNumber } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { requireParty } from '../visibility.js';
import { DUE_IN, dueInKey } from './due-in.js';

@GrpcController(inventoryV1.DueInService)
export class DueInController implements GrpcHandlers<typeof inventoryV1.DueInService> {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  async getDueIn(
    request: inventoryV1.GetDueInRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.GetDueInResponseSchema>> {
    const key = dueInKey(parsePiid(request.piid, 'piid'), parseShipmentNumber(request.shipmentNumber, 'shipment_number'));
    await requireParty(this.journal, `${DUE_IN.category}/${key}`, call.actor);
    const dueIn = await this.journal.read(DUE_IN, key);
    if (dueIn === undefined || dueIn.status === 'NONE') throw new DomainError('NOT_FOUND');
    const { ric, nsn, unitOfIssue, quantity, received, supplierCage, uiis } = dueIn;
    return { ric, nsn, unitOfIssue, quantity: BigInt(quantity), received: BigInt(received), supplierCage, uiis: [...uiis] };
  }
}
