import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import { DomainError, parseUii } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { requireParty } from '../visibility.js';
import { ASSET } from './asset.js';
import { EndSuspicionHandler } from './end-suspicion.handler.js';

@GrpcController(inventoryV1.AssetService)
export class AssetController implements GrpcHandlers<typeof inventoryV1.AssetService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly suspicion: EndSuspicionHandler,
  ) {}

  async releaseHold(
    { context, uii, result }: inventoryV1.ReleaseHoldRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.ReleaseHoldResponseSchema>> {
    const outcome = await this.suspicion.releaseHold(commandEnvelope(call, context), parseUii(uii, 'uii'), result?.jws ?? '');
    return { outcome: outcomeMessage(outcome) };
  }

  async confirmCounterfeit(
    { context, uii, result }: inventoryV1.ConfirmCounterfeitRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.ConfirmCounterfeitResponseSchema>> {
    const outcome = await this.suspicion.confirmCounterfeit(
      commandEnvelope(call, context),
      parseUii(uii, 'uii'),
      result?.jws ?? '',
    );
    return { outcome: outcomeMessage(outcome) };
  }

  async getAsset(
    request: inventoryV1.GetAssetRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.GetAssetResponseSchema>> {
    const uii = parseUii(request.uii, 'uii');
    await requireParty(this.journal, `${ASSET.category}/${uii}`, call.actor);
    const asset = await this.journal.read(ASSET, uii);
    if (asset === undefined || asset.status === 'NONE') throw new DomainError('NOT_FOUND');
    const { nsn, status, hold, ric, condition, tcn, piid, alerts } = asset;
    return {
      ...{ uii, status, ric, tcn, piid },
      niin: nsn.slice(4),
      hold: hold.kind,
      condition: status === 'IN_STOCK' ? condition : '',
      alerts: [...alerts],
    };
  }
}
