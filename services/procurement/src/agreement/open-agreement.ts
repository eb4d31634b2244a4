import { DomainError, type Actor } from '@countersign/kernel';
import { requireParty } from '../order/open-order.js';
import type { Parties } from '../order/order.js';
import type { AgreementState, ExistingAgreement } from './agreement.js';

/** @throws DomainError NOT_FOUND unless the agreement exists and the actor belongs to one of these parties */
export function requireAgreement(
  state: AgreementState | undefined,
  actor: Actor,
  ...allowed: readonly (keyof Parties)[]
): ExistingAgreement {
  if (state === undefined || state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'piid' });
  requireParty(state.parties, actor, 'piid', ...allowed);
  return state;
}
