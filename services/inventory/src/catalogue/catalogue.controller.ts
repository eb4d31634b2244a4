import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import {
  parseCage,
  parseControlledItemCode,
  parseDemilitarisationCode,
  parseNiin,
  parseNsn,
  parseUnitOfIssue,
} from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { getItem } from './get-item.query.js';
import { RegisterItemHandler } from './register-item.handler.js';

@GrpcController(inventoryV1.CatalogueService)
export class CatalogueController implements GrpcHandlers<typeof inventoryV1.CatalogueService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly register: RegisterItemHandler,
  ) {}

  async registerItem(
    request: inventoryV1.RegisterItemRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.RegisterItemResponseSchema>> {
    const outcome = await this.register.handle(commandEnvelope(call, request.context), {
      nsn: parseNsn(request.nsn, 'nsn'),
      itemName: request.itemName,
      unitOfIssue: parseUnitOfIssue(request.unitOfIssue, 'unit_of_issue'),
      controlledItemCode: parseControlledItemCode(request.controlledItemCode, 'controlled_item_code'),
      demilitarisationCode: parseDemilitarisationCode(request.demilitarisationCode, 'demilitarisation_code'),
      serialManaged: request.serialManaged,
      references: request.references.map(({ cage, partNumber }, index) => ({
        cage: parseCage(cage, `references[${index}].cage`),
        partNumber,
      })),
    });
    return { outcome: outcomeMessage(outcome) };
  }

  async getItem({ niin }: inventoryV1.GetItemRequest): Promise<MessageInitShape<typeof inventoryV1.GetItemResponseSchema>> {
    const { nsn, itemName, unitOfIssue, controlledItemCode, demilitarisationCode, serialManaged, references } = await getItem(
      this.journal,
      parseNiin(niin, 'niin'),
    );
    return { nsn, itemName, unitOfIssue, controlledItemCode, demilitarisationCode, serialManaged, references: [...references] };
  }
}
