import { DomainError, type Actor } from '@countersign/kernel';
import type { ExistingRequisition, RequisitionState } from './requisition.js';

/** @throws DomainError NOT_FOUND unless the requisition exists */
export function requireRequisition(state: RequisitionState | undefined): ExistingRequisition {
  if (state === undefined || state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'requisition' });
  return state;
}

/** @throws DomainError NOT_FOUND unless it exists and the actor belongs to the requisitioning organisation */
export function requireOwnRequisition(state: RequisitionState | undefined, actor: Actor): ExistingRequisition {
  const existing = requireRequisition(state);
  if (existing.requisitioner.organisation !== actor.organisationId) {
    throw new DomainError('NOT_FOUND', { field: 'requisition' });
  }
  return existing;
}
