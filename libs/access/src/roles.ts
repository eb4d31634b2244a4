import { DomainError, type Actor, type Role } from '@countersign/kernel';

/** Whether the actor's appointment has one of the roles. */
export function hasRole(actor: Actor, ...roles: readonly Role[]): boolean {
  return actor.roles.some((role) => roles.includes(role));
}

/** @throws DomainError PERMISSION_DENIED unless the actor's appointment has one of the roles */
export function requireRole(actor: Actor, ...roles: readonly Role[]): void {
  if (!hasRole(actor, ...roles)) throw new DomainError('PERMISSION_DENIED');
}

/** @throws DomainError PERMISSION_DENIED unless the actor belongs to the organisation */
export function requireOrganisation(actor: Actor, organisationId: string): void {
  if (actor.organisationId !== organisationId) throw new DomainError('PERMISSION_DENIED');
}
