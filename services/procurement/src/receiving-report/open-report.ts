import { DomainError, type Actor } from '@countersign/kernel';
import { requireParty } from '../order/open-order.js';
import type { Parties } from '../order/order.js';
import type { ExistingReport, ReceivingReportState } from './receiving-report.js';

/** @throws DomainError NOT_FOUND unless the report exists and the actor belongs to one of these parties */
export function requireReport(
  state: ReceivingReportState | undefined,
  actor: Actor,
  ...allowed: readonly (keyof Parties)[]
): ExistingReport {
  if (state === undefined || state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'shipment_number' });
  requireParty(state.parties, actor, 'shipment_number', ...allowed);
  return state;
}
