import { describe, expect, it } from '@jest/globals';
import { given, PIID } from '../order/order.builders.js';
import { activated, delivered, drafted, noted, notice, receipt, signed, TERMS_DIGEST } from './agreement.builders.js';
import { AGREEMENT, type AgreementEvent, type ExistingAgreement } from './agreement.js';
import { evaluationDigest } from './digests.js';
import { evaluateAgreement } from './evaluate-agreement.decider.js';
import { noteEvidence } from './note-evidence.decider.js';

const after = (...history: AgreementEvent[]): ExistingAgreement => given(AGREEMENT, ...history) as ExistingAgreement;
const active = [drafted, signed, activated] as const;
const evaluate = (state: ExistingAgreement, clin = '0001'): readonly AgreementEvent[] =>
  evaluateAgreement(state, clin, evaluationDigest);

describe('when not active', () => {
  it('refuses to evaluate', () => {
    expect(() => evaluate(after(drafted, signed))).toThrow(expect.objectContaining({ code: 'AGREEMENT_NOT_ACTIVE' }));
  });
});

describe('when active without enough evidence', () => {
  it('records the evaluation and authorises nothing', () => {
    expect(evaluate(after(...active, noted(1, notice))).map(({ type }) => type)).toEqual(['ConditionsEvaluated']);
  });

  it('adds nothing when the same evidence was evaluated before', () => {
    const first = evaluate(after(...active, noted(1, notice)));
    expect(evaluate(after(...active, noted(1, notice), ...first))).toEqual([]);
  });

  it('refuses a line the order does not have', () => {
    expect(() => evaluate(after(...active), '0002')).toThrow(expect.objectContaining({ code: 'LINE_UNKNOWN' }));
  });
});

describe('when everything is satisfied', () => {
  const history = [...active, ...delivered];

  it('authorises the accepted quantity at the agreed price', () => {
    const [evaluated, authorised] = evaluate(after(...history));
    expect(evaluated?.type).toBe('ConditionsEvaluated');
    expect(authorised).toMatchObject({
      type: 'PaymentAuthorised',
      data: {
        piid: PIID,
        clin: '0001',
        quantity: 4,
        amount: { amount: '193000.00', currency: 'EUR' },
        termsDigest: TERMS_DIGEST,
        evaluationDigest: evaluated?.type === 'ConditionsEvaluated' ? evaluated.data.evaluationDigest : 'none',
      },
    });
  });

  it('gives the same digest for the same terms and evidence', () => {
    expect(evaluate(after(...history))).toEqual(evaluate(after(...history)));
  });

  it('gives another digest for the same evidence in another order', () => {
    const [one, two, ...rest] = delivered;
    const swapped = [...active, two!, one!, ...rest];
    const digestOf = (events: readonly AgreementEvent[]): string =>
      events[0]?.type === 'ConditionsEvaluated' ? events[0].data.evaluationDigest : 'none';
    expect(digestOf(evaluate(after(...swapped)))).not.toBe(digestOf(evaluate(after(...history))));
  });
});

describe('when payment is authorised', () => {
  const paid = [...active, ...delivered, ...evaluate(after(...active, ...delivered))];

  it('adds nothing, even with new evidence', () => {
    expect(evaluate(after(...paid))).toEqual([]);
    const later = noted(9, { kind: 'ACCEPTANCE', shipmentNumber: 'SER0002', quantity: 4, uiis: [] });
    expect(evaluate(after(...paid, later))).toEqual([]);
  });
});

describe('noting evidence', () => {
  const state = given(AGREEMENT, ...active, noted(1, notice));
  const { clin, facts, source } = noted(2, receipt).data;

  it('notes a record once', () => {
    expect(noteEvidence(state, { clin, facts, source })).toEqual([noted(2, receipt)]);
    const again = given(AGREEMENT, ...active, noted(2, receipt));
    expect(noteEvidence(again, { clin, facts, source })).toEqual([]);
  });

  it('notes nothing for a line or an agreement that does not exist', () => {
    expect(noteEvidence(state, { clin: '0009', facts, source })).toEqual([]);
    expect(noteEvidence(given(AGREEMENT), { clin, facts, source })).toEqual([]);
  });
});
