import { evidenceKey, type AgreementState, type EvidenceNoted } from './agreement.js';
import type { Evidence } from './evidence.js';

/** Notes a record once, for lines the agreement has; anything else is not evidence here and adds nothing. */
export function noteEvidence(state: AgreementState, evidence: Evidence): readonly EvidenceNoted[] {
  if (state.status === 'NONE') return [];
  if (!state.terms.lines.some((line) => line.clin === evidence.clin)) return [];
  return state.notedKeys.has(evidenceKey(evidence))
    ? []
    : [{ type: 'EvidenceNoted', data: { piid: state.terms.piid, ...evidence } }];
}
