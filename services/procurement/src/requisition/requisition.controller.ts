import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage, pageOf, pageTerms } from '@countersign/host';
import {
  DomainError,
  parseDocumentNumber,
  parseNsn,
  parsePriorityDesignator,
  parseQuantity,
  parseRic,
  parseRtdReference,
  parseUnitOfIssue,
} from '@countersign/kernel';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Inject } from '@nestjs/common';
import type { RequisitionList } from '../requisition-list/requisition-list.query.js';
import type { RequisitionRow } from '../requisition-list/requisition-rows.js';
import { REQUISITION_LIST } from '../requisition-list/tokens.js';
import { CancelRequisitionHandler } from './cancel-requisition.handler.js';
import { ReleaseRequisitionHandler } from './release-requisition.handler.js';
import { requisitionKey, type ExistingRequisition, type RequisitionName } from './requisition.js';
import { readRequisition } from './requisition.query.js';
import { SubmitRequisitionHandler, type RequisitionStatement } from './submit-requisition.handler.js';

@GrpcController(procurementV1.RequisitionService)
export class RequisitionController implements GrpcHandlers<typeof procurementV1.RequisitionService> {
  constructor(
    private readonly submitHandler: SubmitRequisitionHandler,
    private readonly releaseHandler: ReleaseRequisitionHandler,
    private readonly cancelHandler: CancelRequisitionHandler,
    @Inject(JOURNAL) private readonly journal: Journal,
    @Inject(REQUISITION_LIST) private readonly requisitions: RequisitionList,
  ) {}

  async submitRequisition(
    request: procurementV1.SubmitRequisitionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.SubmitRequisitionResponseSchema>> {
    const outcome = await this.submitHandler.handle(commandEnvelope(call, request.context), statementOf(request));
    return { outcome: outcomeMessage(outcome), year: outcome.result.year };
  }

  async reviewRequisition(
    request: procurementV1.ReviewRequisitionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.ReviewRequisitionResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.releaseHandler.review(envelope, keyOf(request.requisition))) };
  }

  async releaseRequisition(
    request: procurementV1.ReleaseRequisitionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.ReleaseRequisitionResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.releaseHandler.release(envelope, keyOf(request.requisition))) };
  }

  async cancelRequisition(
    request: procurementV1.CancelRequisitionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.CancelRequisitionResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    return { outcome: outcomeMessage(await this.cancelHandler.handle(envelope, keyOf(request.requisition), request.reason)) };
  }

  async getRequisition(
    request: procurementV1.GetRequisitionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.GetRequisitionResponseSchema>> {
    return requisitionMessage(await readRequisition(this.journal, call.actor, nameOf(request.key)));
  }

  async listRequisitions(
    { statuses, ...page }: procurementV1.ListRequisitionsRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.ListRequisitionsResponseSchema>> {
    const terms = pageTerms(page);
    const { organisationId } = call.actor;
    const { asOf, result } = await this.requisitions.list({ organisationId, statuses }, terms);
    const { rows, nextPageToken } = pageOf(result, terms);
    return { requisitions: rows.map(lineMessage), nextPageToken, asOf };
  }
}

function statementOf(request: procurementV1.SubmitRequisitionRequest): RequisitionStatement {
  return {
    documentNumber: parseDocumentNumber(request.documentNumber, 'document_number'),
    nsn: parseNsn(request.nsn, 'nsn'),
    quantity: parseQuantity(request.quantity, 'quantity'),
    unitOfIssue: parseUnitOfIssue(request.unitOfIssue, 'unit_of_issue'),
    priority: parsePriorityDesignator(request.priority, 'priority'),
    requiredDelivery: request.requiredDelivery,
    supplySource: parseRic(request.supplySource, 'supply_source'),
    justification: request.justification === '' ? undefined : request.justification,
  };
}

function keyOf(requisition: procurementV1.RequisitionKey | undefined): string {
  return requisitionKey(numbered(requisition));
}

function nameOf(key: procurementV1.GetRequisitionRequest['key']): RequisitionName {
  return key.case === 'rtdReference'
    ? { rtdReference: parseRtdReference(key.value, 'rtd_reference') }
    : numbered(key.case === 'numbered' ? key.value : undefined);
}

function numbered(requisition: procurementV1.RequisitionKey | undefined): RequisitionName {
  if (requisition === undefined) throw new DomainError('FIELD_MISSING', { field: 'requisition' });
  return {
    documentNumber: parseDocumentNumber(requisition.documentNumber, 'requisition.document_number'),
    year: requisition.year,
  };
}

function requisitionMessage(
  requisition: ExistingRequisition,
): MessageInitShape<typeof procurementV1.GetRequisitionResponseSchema> {
  const { name, item, status, quantity, unitOfIssue, priority, requiredDelivery, reviewed, shipments } = requisition;
  return {
    documentNumber: 'documentNumber' in name ? name.documentNumber : '',
    rtdReference: 'rtdReference' in name ? name.rtdReference : '',
    status,
    nsn: 'nsn' in item ? item.nsn : '',
    localStockNumber: 'localStockNumber' in item ? item.localStockNumber : '',
    quantity: BigInt(quantity),
    unitOfIssue,
    priority,
    requiredDelivery,
    reviewed,
    cancellationReason: requisition.status === 'CANCELLED' ? requisition.reason : '',
    tcns: shipments.flatMap(({ tcn }) => tcn ?? []),
    uiis: shipments.flatMap(({ uiis }) => uiis ?? []),
  };
}

function lineMessage(row: RequisitionRow): MessageInitShape<typeof procurementV1.RequisitionLineSchema> {
  const { status, unitOfIssue, priority, requiredDelivery, reviewed, requisitioner } = row;
  return {
    documentNumber: row.documentNumber ?? '',
    year: row.year ?? 0,
    rtdReference: row.rtdReference ?? '',
    status,
    nsn: row.nsn ?? '',
    localStockNumber: row.localStockNumber ?? '',
    quantity: BigInt(row.quantity),
    shippedQuantity: BigInt(row.shippedQuantity),
    unitOfIssue,
    priority,
    requiredDelivery,
    reviewed,
    requisitioner,
    supplySource: row.supplyRic ?? '',
  };
}
