import { requireRole } from '@countersign/access';
import { DomainError, type Actor } from '@countersign/kernel';

/** The organisation that runs this deployment; its administrators register the others. */
export interface Operator {
  readonly organisationId: string;
}

/** @throws DomainError PERMISSION_DENIED unless the actor administers for the operator */
export function requireOperator(actor: Actor, operator: Operator): void {
  requireRole(actor, 'administrator');
  if (actor.organisationId !== operator.organisationId) throw new DomainError('PERMISSION_DENIED');
}

/**
 * Whether an administrator may act on what belongs to the organisation: his own, or any for the operator's.
 *
 * @throws DomainError PERMISSION_DENIED without the role; NOT_FOUND for a foreign organisation, so that asking tells nothing
 */
export function requireAdministrator(actor: Actor, organisationId: string, operator: Operator): void {
  requireRole(actor, 'administrator');
  if (actor.organisationId !== operator.organisationId && actor.organisationId !== organisationId)
    throw new DomainError('NOT_FOUND');
}
