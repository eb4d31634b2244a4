import { DomainError } from '@countersign/kernel';
import type { ExistingRequisition, RequisitionCancelled } from './requisition.js';

/** Only a quantity that was not released can be cancelled. @throws DomainError REQUISITION_STATUS */
export function cancelRequisition(state: ExistingRequisition, cancelledBy: string, reason: string): RequisitionCancelled {
  if (state.status !== 'SUBMITTED') {
    throw new DomainError('REQUISITION_STATUS', { field: 'requisition', rule: 'only a requisition that was not released' });
  }
  return { type: 'RequisitionCancelled', data: { name: state.name, quantity: state.quantity, cancelledBy, reason } };
}
