import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal, LogReader } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, LOG_READER, outcomeMessage } from '@countersign/host';
import { parseOrganisationId, parseQuantity, parseTcn, parseTime, parseUii } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import { AnswerOfferHandler, type AnswerStatement } from './answer-offer.handler.js';
import { ConfirmDeliveryHandler } from './confirm-delivery.handler.js';
import { getCustody, type CustodyView } from './get-custody.query.js';
import { OfferCustodyHandler } from './offer-custody.handler.js';
import type { UnitName } from './open-custody.js';

@GrpcController(inventoryV1.CustodyService)
export class CustodyController implements GrpcHandlers<typeof inventoryV1.CustodyService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(LOG_READER) private readonly log: LogReader,
    private readonly offers: OfferCustodyHandler,
    private readonly answers: AnswerOfferHandler,
    private readonly deliveries: ConfirmDeliveryHandler,
  ) {}

  async offerCustody(
    request: inventoryV1.OfferCustodyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.OfferCustodyResponseSchema>> {
    const { seals = [], packaging = '', place = '', forms = [] } = request.tally ?? {};
    const outcome = await this.offers.handle(commandEnvelope(call, request.context), {
      unit: unitName(request.unit),
      taker: parseOrganisationId(request.taker, 'taker'),
      tally: { seals, packaging, place, forms },
      expiresAt: parseTime(request.expiresAt, 'expires_at'),
    });
    return { outcome: outcomeMessage(outcome), tallyDigest: Buffer.from(outcome.result.tallyDigest, 'hex') };
  }

  async acceptCustody(
    request: inventoryV1.AcceptCustodyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.AcceptCustodyResponseSchema>> {
    const tallyDigest = Buffer.from(request.tallyDigest).toString('hex');
    const outcome = await this.answers.accept(commandEnvelope(call, request.context), answerStatement(request), tallyDigest);
    return { outcome: outcomeMessage(outcome) };
  }

  async refuseCustody(
    request: inventoryV1.RefuseCustodyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.RefuseCustodyResponseSchema>> {
    const outcome = await this.answers.refuse(commandEnvelope(call, request.context), answerStatement(request), request.reason);
    return { outcome: outcomeMessage(outcome) };
  }

  async withdrawOffer(
    request: inventoryV1.WithdrawOfferRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.WithdrawOfferResponseSchema>> {
    const outcome = await this.answers.withdraw(commandEnvelope(call, request.context), answerStatement(request));
    return { outcome: outcomeMessage(outcome) };
  }

  async confirmDelivery(
    request: inventoryV1.ConfirmDeliveryRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.ConfirmDeliveryResponseSchema>> {
    const outcome = await this.deliveries.handle(commandEnvelope(call, request.context), {
      unit: unitName(request.unit),
      quantity: parseQuantity(request.quantity, 'quantity'),
      uiis: request.uiis.map((uii, index) => parseUii(uii, `uiis[${index}]`)),
    });
    return { outcome: outcomeMessage(outcome) };
  }

  async getCustody(
    { unit }: inventoryV1.GetCustodyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.GetCustodyResponseSchema>> {
    const view = await getCustody(this.journal, this.log, unitName(unit), call.actor);
    const { status, holder, holders, unit: content } = view.custody;
    const { documentNumber, quantity, uiis } = content;
    const offer = offerMessage(view.offer);
    return { status, holder, offer, documentNumber, quantity: BigInt(quantity), uiis: [...uiis], holders: [...holders] };
  }
}

function unitName(unit: inventoryV1.ShipmentUnit | undefined): UnitName {
  return { tcn: parseTcn(unit?.tcn, 'unit.tcn'), piece: unit?.piece ?? 0 };
}

interface AnswerRequest {
  readonly unit?: inventoryV1.ShipmentUnit | undefined;
  readonly offer?: inventoryV1.RecordReference | undefined;
}

function answerStatement({ unit, offer }: AnswerRequest): AnswerStatement {
  return {
    unit: unitName(unit),
    offer: { position: offer?.position ?? 0n, recordDigest: offer?.recordDigest ?? new Uint8Array() },
  };
}

function offerMessage(offer: CustodyView['offer']): MessageInitShape<typeof inventoryV1.OpenOfferSchema> | undefined {
  if (offer === null) return undefined;
  const { taker, tally, tallySalt, tallyDigest, expiresAt } = offer.terms;
  const { seals, packaging, place, forms } = tally;
  return {
    record: { position: offer.position, recordDigest: offer.recordDigest },
    taker,
    tally: { seals: [...seals], packaging, place, forms: [...forms] },
    tallySalt: Buffer.from(tallySalt, 'hex'),
    tallyDigest: Buffer.from(tallyDigest, 'hex'),
    expiresAt,
  };
}
