import type { AgreementState, EvidenceNoted } from './agreement.js';
import type { Evidence } from './evidence.js';

/** Notes a record once, for lines the agreement has; anything else is not evidence here and adds nothing. */
export function noteEvidence(state: AgreementState, evidence: Evidence): readonly EvidenceNoted[] {
  if (state.status === 'NONE') return [];
  if (!state.terms.lines.some((line) => line.clin === evidence.clin)) return [];
  const { origin, eventId } = evidence.source;
  const noted = state.evidence.some(
    (entry) => entry.clin === evidence.clin && entry.source.origin === origin && entry.source.eventId === eventId,
  );
  return noted ? [] : [{ type: 'EvidenceNoted', data: { piid: state.terms.piid, ...evidence } }];
}
