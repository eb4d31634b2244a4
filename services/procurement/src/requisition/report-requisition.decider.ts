import { DomainError } from '@countersign/kernel';
import { releaseOf } from './release-requisition.decider.js';
import {
  NOT_STATED,
  type RequisitionCancelled,
  type RequisitionEvent,
  type Requisitioner,
  type RequisitionName,
  type RequisitionedItem,
  type RequisitionState,
  type RequisitionSubmitted,
  type StatedDate,
} from './requisition.js';

/** What an ERP knows of a requisition of the past. It does not know priority and required date, and nobody fills them in. */
export interface ReportedRequisition {
  readonly name: RequisitionName;
  readonly requisitioner: Requisitioner;
  readonly item: RequisitionedItem;
  readonly itemName: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly acquisitionValue: string;
  readonly statedDate: StatedDate;
  readonly justification: string;
}

/** A requisition that had been shipped before we heard of it: submitted, released and shipped at once. @throws DomainError REQUISITION_EXISTS */
export function reportShipped(state: RequisitionState, reported: ReportedRequisition): readonly RequisitionEvent[] {
  const submitted = submit(state, reported);
  const { name, quantity } = reported;
  return [
    submitted,
    { type: 'RequisitionReleased', data: releaseOf(submitted.data) },
    { type: 'RequisitionShipped', data: { name, quantity } },
  ];
}

/** A request that was cancelled before it got a document number. @throws DomainError REQUISITION_EXISTS */
export function reportCancelled(
  state: RequisitionState,
  reported: ReportedRequisition,
  cancellation: Pick<RequisitionCancelled['data'], 'cancelledBy' | 'reason'>,
): readonly RequisitionEvent[] {
  const { name, quantity } = reported;
  return [submit(state, reported), { type: 'RequisitionCancelled', data: { name, quantity, ...cancellation } }];
}

function submit(state: RequisitionState, reported: ReportedRequisition): RequisitionSubmitted {
  if (state.status !== 'NONE') throw new DomainError('REQUISITION_EXISTS', { field: 'documentNumber' });
  return { type: 'RequisitionSubmitted', data: { ...reported, priority: NOT_STATED, requiredDelivery: NOT_STATED } };
}
