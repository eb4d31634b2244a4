import { DomainError, type Actor } from '@countersign/kernel';
import type { OrderState, Parties, PlacedOrder } from './order.js';

/** @throws DomainError NOT_FOUND unless the order exists and the actor acts for its supplier */
export function requireOwnOrder(state: OrderState | undefined, actor: Actor): PlacedOrder {
  if (state?.status !== 'PLACED' || state.supplierCage !== actor.actingFor || state.parties.supplier !== actor.organisationId) {
    throw new DomainError('NOT_FOUND', { field: 'piid' });
  }
  return state;
}

/** @throws DomainError NOT_FOUND unless the actor belongs to one of these parties: an outsider learns nothing, not even that it exists */
export function requireParty(parties: Parties, actor: Actor, field: string, ...allowed: readonly (keyof Parties)[]): void {
  if (!allowed.some((party) => parties[party] === actor.organisationId)) throw new DomainError('NOT_FOUND', { field });
}
