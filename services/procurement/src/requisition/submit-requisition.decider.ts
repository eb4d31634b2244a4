import { DomainError } from '@countersign/kernel';
import type { RequisitionState, RequisitionSubmitted } from './requisition.js';
import { checkRequiredDelivery } from './urgency.js';

export type SubmitRequisition = RequisitionSubmitted['data'];

/** A person's requisition, with priority and required date. @throws DomainError REQUISITION_EXISTS, EXPEDITE_NOT_ALLOWED, CODE_UNKNOWN */
export function submitRequisition(state: RequisitionState, command: SubmitRequisition): RequisitionSubmitted {
  if (state.status !== 'NONE') throw new DomainError('REQUISITION_EXISTS', { field: 'document_number' });
  checkRequiredDelivery(command.requiredDelivery, command.priority);
  return { type: 'RequisitionSubmitted', data: command };
}
