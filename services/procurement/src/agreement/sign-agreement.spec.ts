import { describe, expect, it } from '@jest/globals';
import { given, PIID } from '../order/order.builders.js';
import { activated, drafted, signed, TERMS_DIGEST } from './agreement.builders.js';
import { AGREEMENT, type AgreementEvent, type ExistingAgreement } from './agreement.js';
import { activateAgreement, signAgreement } from './sign-agreement.decider.js';

const after = (...history: AgreementEvent[]): ExistingAgreement => given(AGREEMENT, ...history) as ExistingAgreement;
const OTHER_TERMS = 'ee'.repeat(32);

describe('when drafted', () => {
  it('is signed by the supplier', () => {
    expect(signAgreement(after(drafted), TERMS_DIGEST)).toEqual(signed);
  });

  it('refuses a signature under other terms', () => {
    expect(() => signAgreement(after(drafted), OTHER_TERMS)).toThrow(expect.objectContaining({ code: 'TERMS_DIFFER' }));
  });

  it('does not become active before the supplier signed', () => {
    expect(() => activateAgreement(after(drafted), TERMS_DIGEST)).toThrow(
      expect.objectContaining({ code: 'AGREEMENT_NOT_SIGNED' }),
    );
  });
});

describe('when signed by the supplier', () => {
  const state = after(drafted, signed);

  it('becomes active by the signature of the buyer', () => {
    expect(activateAgreement(state, TERMS_DIGEST)).toEqual([
      { type: 'AgreementSigned', data: { piid: PIID, party: 'buyer', termsDigest: TERMS_DIGEST } },
      activated,
    ]);
  });

  it('refuses the buyer other terms', () => {
    expect(() => activateAgreement(state, OTHER_TERMS)).toThrow(expect.objectContaining({ code: 'TERMS_DIFFER' }));
  });

  it('refuses a second signature of the supplier', () => {
    expect(() => signAgreement(state, TERMS_DIGEST)).toThrow(expect.objectContaining({ code: 'AGREEMENT_SIGNED' }));
  });
});

describe('when active', () => {
  it('refuses a second activation', () => {
    const state = after(drafted, signed, activated);
    expect(() => activateAgreement(state, TERMS_DIGEST)).toThrow(expect.objectContaining({ code: 'AGREEMENT_ACTIVE' }));
  });
});
