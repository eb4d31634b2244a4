import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage } from '@countersign/host';
import { DomainError, parseQuantity } from '@countersign/kernel';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Inject } from '@nestjs/common';
import { shipmentKey } from '../shipment-notice/shipment-notice.js';
import { AcceptReceiptHandler } from './accept-receipt.handler.js';
import { InspectReceiptHandler } from './inspect-receipt.handler.js';
import { receivedQuantity, receivedUiis, type Disposition } from './receiving-report.js';
import { readReceivingReport } from './receiving-report.query.js';
import { ResolveDiscrepancyHandler } from './resolve-discrepancy.handler.js';

@GrpcController(procurementV1.ReceivingReportService)
export class ReceivingReportController implements GrpcHandlers<typeof procurementV1.ReceivingReportService> {
  constructor(
    private readonly inspectHandler: InspectReceiptHandler,
    private readonly acceptHandler: AcceptReceiptHandler,
    private readonly resolveHandler: ResolveDiscrepancyHandler,
    @Inject(JOURNAL) private readonly journal: Journal,
  ) {}

  async inspectReceipt(
    request: procurementV1.InspectReceiptRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.InspectReceiptResponseSchema>> {
    const { certificateReference, certificateDigest } = request;
    const outcome = await this.inspectHandler.handle(commandEnvelope(call, request.context), keyOf(request), {
      conforming: request.result === procurementV1.InspectionResult.CONFORMING,
      certificateReference: certificateReference === '' ? undefined : certificateReference,
      certificateDigest: certificateDigest.length === 0 ? undefined : Buffer.from(certificateDigest).toString('hex'),
    });
    return { outcome: outcomeMessage(outcome) };
  }

  async acceptReceipt(
    request: procurementV1.AcceptReceiptRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.AcceptReceiptResponseSchema>> {
    const quantity = parseQuantity(request.quantity, 'quantity');
    const outcome = await this.acceptHandler.handle(commandEnvelope(call, request.context), keyOf(request), quantity);
    return { outcome: outcomeMessage(outcome) };
  }

  async resolveDiscrepancy(
    request: procurementV1.ResolveDiscrepancyRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.ResolveDiscrepancyResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    const disposition = dispositionOf(request.disposition);
    const outcome = await this.resolveHandler.handle(envelope, keyOf(request), request.discrepancyId, disposition);
    return { outcome: outcomeMessage(outcome) };
  }

  async getReceivingReport(
    request: procurementV1.GetReceivingReportRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.GetReceivingReportResponseSchema>> {
    const report = await readReceivingReport(this.journal, call.actor, keyOf(request));
    const { piid, shipmentNumber, clin, status, discrepancies } = report;
    return {
      piid,
      shipmentNumber,
      clin,
      status,
      documentNumbers: report.receipts.map(({ documentNumber }) => documentNumber),
      received: BigInt(receivedQuantity(report)),
      accepted: BigInt(report.status === 'ACCEPTED' ? report.accepted : 0),
      uiis: [...receivedUiis(report)],
      discrepancies: discrepancies.map((entry) => ({ ...entry })),
    };
  }
}

function keyOf({ piid, shipmentNumber }: { readonly piid: string; readonly shipmentNumber: string }): string {
  return shipmentKey(piid, shipmentNumber);
}

function dispositionOf(disposition: procurementV1.Disposition): Disposition {
  switch (disposition) {
    case procurementV1.Disposition.NO_ACTION:
      return 'NO_ACTION';
    case procurementV1.Disposition.REPLACE:
      return 'REPLACE';
    case procurementV1.Disposition.CREDIT:
      return 'CREDIT';
    case procurementV1.Disposition.UNSPECIFIED:
      throw new DomainError('FIELD_INVALID', { field: 'disposition', rule: 'a listed disposition' });
  }
}
