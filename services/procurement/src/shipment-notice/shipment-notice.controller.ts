import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import {
  concatenateUii,
  DomainError,
  parseClin,
  parseQuantity,
  parseShipmentNumber,
  parseUii,
  parseUiiParts,
  parseUnitOfIssue,
} from '@countersign/kernel';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Inject } from '@nestjs/common';
import type { CertificateFacts } from '../agreement/evidence.js';
import type { AnnouncedItem } from './shipment-notice.js';
import { readShipmentNotice } from './shipment-notice.query.js';
import type { SubmitShipmentNotice } from './submit-shipment-notice.decider.js';
import { parseSscc } from './sscc.js';
import { SubmitShipmentNoticeHandler } from './submit-shipment-notice.handler.js';

@GrpcController(procurementV1.ShipmentNoticeService)
export class ShipmentNoticeController implements GrpcHandlers<typeof procurementV1.ShipmentNoticeService> {
  constructor(
    private readonly submitHandler: SubmitShipmentNoticeHandler,
    @Inject(JOURNAL) private readonly journal: Journal,
  ) {}

  async submitShipmentNotice(
    request: procurementV1.SubmitShipmentNoticeRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.SubmitShipmentNoticeResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.submitHandler.handle(envelope, request.piid, commandOf(request))) };
  }

  async getShipmentNotice(
    request: procurementV1.GetShipmentNoticeRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.GetShipmentNoticeResponseSchema>> {
    const notice = await readShipmentNotice(this.journal, call.actor, request.piid, request.shipmentNumber);
    const { piid, clin, shipmentNumber, sscc, nsn, unitOfIssue, items, certificate, shipTo } = notice;
    const quantity = BigInt(notice.quantity);
    const shown = certificate && { ...certificate, documentDigest: Buffer.from(certificate.documentDigest, 'hex') };
    return {
      piid,
      clin,
      shipmentNumber,
      sscc,
      nsn,
      quantity,
      unitOfIssue,
      items: items.map((item) => ({ ...item })),
      certificate: shown,
      shipTo,
    };
  }
}

function commandOf(request: procurementV1.SubmitShipmentNoticeRequest): SubmitShipmentNotice {
  return {
    shipmentNumber: parseShipmentNumber(request.shipmentNumber, 'shipment_number'),
    clin: parseClin(request.clin, 'clin'),
    sscc: parseSscc(request.sscc, 'sscc'),
    quantity: parseQuantity(request.quantity, 'quantity'),
    unitOfIssue: parseUnitOfIssue(request.unitOfIssue, 'unit_of_issue'),
    items: request.items.map(itemOf),
    certificate: request.certificate && certificateOf(request.certificate),
  };
}

function itemOf(item: procurementV1.ItemIdentity, index: number): AnnouncedItem {
  const field = `items[${index}]`;
  const uii = parseUii(item.uii, `${field}.uii`);
  const parts = parseUiiParts(item, field);
  if (parts.construct === 1 && item.originalPart !== '') {
    throw new DomainError('FIELD_INVALID', { field: `${field}.original_part`, rule: 'construct 1 has no original part number' });
  }
  if (concatenateUii(parts) !== uii) {
    throw new DomainError('FIELD_INVALID', { field: `${field}.uii`, rule: 'the UII must be what its parts make' });
  }
  return { uii, ...parts };
}

function certificateOf({ reference, standard, documentDigest }: procurementV1.Certificate): CertificateFacts {
  return { reference, standard, documentDigest: Buffer.from(documentDigest).toString('hex') };
}
