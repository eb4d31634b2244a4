import { DomainError, type JsonValue } from '@countersign/kernel';
import type { ConditionsEvaluated, Evaluation, ExistingAgreement, Payment, PaymentAuthorised } from './agreement.js';
import { acceptedQuantity, evaluateLine } from './evaluation.js';
import type { Evidence } from './evidence.js';
import { payableAmount } from './payable-amount.js';
import type { TermsLine } from './terms.js';

/** Digest of an evaluation's content; pure. */
export type EvaluationDigest = (content: JsonValue) => string;

/**
 * Evaluates one line and authorises its payment when everything is satisfied. Adds nothing when the payment is
 * authorised already, or when the same evidence was evaluated before.
 * @throws DomainError AGREEMENT_NOT_ACTIVE, LINE_UNKNOWN
 */
export function evaluateAgreement(
  state: ExistingAgreement,
  clin: string,
  digestOf: EvaluationDigest,
): readonly (ConditionsEvaluated | PaymentAuthorised)[] {
  if (state.status !== 'ACTIVE') throw new DomainError('AGREEMENT_NOT_ACTIVE', { field: 'piid' });
  const line = state.terms.lines.find((candidate) => candidate.clin === clin);
  if (line === undefined) throw new DomainError('LINE_UNKNOWN', { field: 'clin' });
  // S2: after the one payment of a line, no later evidence authorises another one.
  if (state.payments.has(clin)) return [];

  const evaluation = evaluationOf(state, line, digestOf);
  if (state.evaluations.get(clin)?.evaluationDigest === evaluation.evaluationDigest) return [];
  const { piid } = state.terms;
  const evaluated: ConditionsEvaluated = { type: 'ConditionsEvaluated', data: { piid, ...evaluation } };
  const satisfied = evaluation.results.every((result) => result.status === 'SATISFIED');
  return satisfied ? [evaluated, authorise(state, paymentOf(state, line, evaluation))] : [evaluated];
}

function evaluationOf(state: ExistingAgreement, line: TermsLine, digestOf: EvaluationDigest): Evaluation {
  const { clin } = line;
  const { terms, termsDigest } = state;
  const ofLine = evidenceOf(state, clin);
  const evidence = ofLine.map((entry) => entry.source.recordDigest);
  const results = evaluateLine(terms, line, ofLine);
  const listed = results.map((result) => ({ ...result }));
  return { clin, termsDigest, evidence, results, evaluationDigest: digestOf({ clin, termsDigest, evidence, results: listed }) };
}

function paymentOf(state: ExistingAgreement, line: TermsLine, evaluation: Evaluation): Payment {
  const quantity = acceptedQuantity(line.clin, evidenceOf(state, line.clin));
  const { evaluationDigest } = evaluation;
  return { clin: line.clin, quantity, amount: payableAmount(line.unitPrice, quantity), evaluationDigest };
}

/** In the order in which it was noted. Bounded by the line: once it is paid, nothing is evaluated. */
function evidenceOf(state: ExistingAgreement, clin: string): readonly Evidence[] {
  return [...(state.evidenceOf.get(clin) ?? [])];
}

function authorise(state: ExistingAgreement, payment: Payment): PaymentAuthorised {
  const { piid, supplierCage, buyerDodaac } = state.terms;
  const { termsDigest } = state;
  return { type: 'PaymentAuthorised', data: { piid, supplierCage, buyerDodaac, termsDigest, ...payment } };
}
