import { DomainError } from '@countersign/kernel';
import type { ExistingRequisition, RequisitionReleased, RequisitionReviewed } from './requisition.js';
import { urgencyOf } from './urgency.js';

/** @throws DomainError REQUISITION_STATUS, REQUISITION_REVIEWED, SAME_PERSON */
export function reviewRequisition(state: ExistingRequisition, reviewedBy: string): RequisitionReviewed {
  requireSubmitted(state);
  if (state.reviewed) throw new DomainError('REQUISITION_REVIEWED', { field: 'requisition' });
  requireOther(state, reviewedBy, 'submission and review');
  return { type: 'RequisitionReviewed', data: { name: state.name, urgency: urgencyOf(state.priority), reviewedBy } };
}

/** Urgency A is released only after a commander reviewed it. @throws DomainError REQUISITION_STATUS, REVIEW_REQUIRED, SAME_PERSON */
export function releaseRequisition(state: ExistingRequisition, releasedBy: string): RequisitionReleased {
  requireSubmitted(state);
  requireOther(state, releasedBy, 'submission and release');
  if (!state.reviewed && urgencyOf(state.priority) === 'A') throw new DomainError('REVIEW_REQUIRED', { field: 'requisition' });
  return { type: 'RequisitionReleased', data: releaseOf(state) };
}

/** What a release tells, taken from the requisition. */
export function releaseOf(requisition: RequisitionReleased['data']): RequisitionReleased['data'] {
  const { name, requisitioner, supplySource, item, quantity, unitOfIssue, priority, requiredDelivery } = requisition;
  return { name, requisitioner, supplySource, item, quantity, unitOfIssue, priority, requiredDelivery };
}

function requireSubmitted(state: ExistingRequisition): void {
  if (state.status !== 'SUBMITTED') {
    throw new DomainError('REQUISITION_STATUS', { field: 'requisition', rule: 'only a submitted requisition' });
  }
}

function requireOther(state: ExistingRequisition, person: string, rule: string): void {
  if (person === state.submittedBy) throw new DomainError('SAME_PERSON', { rule });
}
