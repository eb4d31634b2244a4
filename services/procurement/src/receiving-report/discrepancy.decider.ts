import { DomainError } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';
import type { DiscrepancyOpened, DiscrepancyResolved, Disposition, ExistingReport } from './receiving-report.js';

/** The depot saw an item twice: the genuine one is held until a signed result says which it is. Repeats add nothing. */
export function suspectCounterfeit(state: ExistingReport, uii: string, cause: EvidenceSource): readonly DiscrepancyOpened[] {
  const open = state.discrepancies.some((entry) => entry.open && entry.code === 'SUSPECTED_COUNTERFEIT' && entry.uii === uii);
  if (open) return [];
  const { piid, shipmentNumber, clin } = state;
  const discrepancyId = `clone-${cause.eventId}`;
  const data = { piid, shipmentNumber, clin, discrepancyId, code: 'SUSPECTED_COUNTERFEIT', uii, cause } as const;
  return [{ type: 'DiscrepancyOpened', data }];
}

/** A signed result confirmed the item of this report: its suspicion ends. Nothing open adds nothing. */
export function confirmAuthentic(state: ExistingReport, uii: string, cause: EvidenceSource): readonly DiscrepancyResolved[] {
  return state.discrepancies
    .filter((entry) => entry.open && entry.code === 'SUSPECTED_COUNTERFEIT' && entry.uii === uii)
    .map(({ discrepancyId }) => resolved(state, discrepancyId, 'AUTHENTIC', cause));
}

/**
 * An officer closes a discrepancy. A suspected counterfeit ends by a signed result only (invariant A3).
 * @throws DomainError DISCREPANCY_UNKNOWN, DISCREPANCY_CLOSED, RESULT_REQUIRED
 */
export function resolveDiscrepancy(state: ExistingReport, discrepancyId: string, disposition: Disposition): DiscrepancyResolved {
  const entry = state.discrepancies.find((candidate) => candidate.discrepancyId === discrepancyId);
  if (entry === undefined) throw new DomainError('DISCREPANCY_UNKNOWN', { field: 'discrepancy_id' });
  if (!entry.open) throw new DomainError('DISCREPANCY_CLOSED', { field: 'discrepancy_id' });
  if (entry.code === 'SUSPECTED_COUNTERFEIT') throw new DomainError('RESULT_REQUIRED', { field: 'discrepancy_id' });
  return resolved(state, discrepancyId, disposition);
}

function resolved(
  state: ExistingReport,
  discrepancyId: string,
  disposition: Disposition,
  cause?: EvidenceSource,
): DiscrepancyResolved {
  const { piid, shipmentNumber, clin } = state;
  return { type: 'DiscrepancyResolved', data: { piid, shipmentNumber, clin, discrepancyId, disposition, cause } };
}
