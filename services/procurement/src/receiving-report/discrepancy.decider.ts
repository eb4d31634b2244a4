import { DomainError } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';
import type { DiscrepancyOpened, DiscrepancyResolved, Disposition, ReceivingReportState } from './receiving-report.js';

/** The shipment a report is about; known from the notice even while nothing is received. */
export interface ReportedShipment {
  readonly piid: string;
  readonly shipmentNumber: string;
  readonly clin: string;
}

/** An item was presented where it cannot be: both are held until a signed result says which is genuine. Repeats add nothing. */
export function suspectCounterfeit(
  state: ReceivingReportState,
  shipment: ReportedShipment,
  uii: string,
  cause: EvidenceSource,
): readonly DiscrepancyOpened[] {
  if (openSuspicions(state, uii).length > 0) return [];
  const discrepancyId = `clone-${cause.eventId}`;
  return [{ type: 'DiscrepancyOpened', data: { ...shipment, discrepancyId, code: 'SUSPECTED_COUNTERFEIT', uii, cause } }];
}

/** A signed result confirmed the item of this report: its suspicion ends. Nothing open adds nothing. */
export function confirmAuthentic(
  state: ReceivingReportState,
  shipment: ReportedShipment,
  uii: string,
  cause: EvidenceSource,
): readonly DiscrepancyResolved[] {
  return openSuspicions(state, uii).map(({ discrepancyId }) => ({
    type: 'DiscrepancyResolved',
    data: { ...shipment, discrepancyId, disposition: 'AUTHENTIC', cause },
  }));
}

/**
 * An officer closes a discrepancy. A suspected counterfeit ends by a signed result only (invariant A3).
 * @throws DomainError DISCREPANCY_UNKNOWN, DISCREPANCY_CLOSED, RESULT_REQUIRED
 */
export function resolveDiscrepancy(
  state: ReceivingReportState,
  shipment: ReportedShipment,
  discrepancyId: string,
  disposition: Disposition,
): DiscrepancyResolved {
  const entry = state.discrepancies.find((candidate) => candidate.discrepancyId === discrepancyId);
  if (entry === undefined) throw new DomainError('DISCREPANCY_UNKNOWN', { field: 'discrepancy_id' });
  if (!entry.open) throw new DomainError('DISCREPANCY_CLOSED', { field: 'discrepancy_id' });
  if (entry.code === 'SUSPECTED_COUNTERFEIT') throw new DomainError('RESULT_REQUIRED', { field: 'discrepancy_id' });
  return { type: 'DiscrepancyResolved', data: { ...shipment, discrepancyId, disposition } };
}

function openSuspicions(state: ReceivingReportState, uii: string): ReceivingReportState['discrepancies'] {
  return state.discrepancies.filter((entry) => entry.open && entry.code === 'SUSPECTED_COUNTERFEIT' && entry.uii === uii);
}
