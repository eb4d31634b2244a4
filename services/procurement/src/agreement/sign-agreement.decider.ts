import { DomainError } from '@countersign/kernel';
import type { AgreementActivated, AgreementSigned, ExistingAgreement } from './agreement.js';

/** The supplier signs first. @throws DomainError AGREEMENT_SIGNED, TERMS_DIFFER */
export function signAgreement(state: ExistingAgreement, termsDigest: string): AgreementSigned {
  if (state.status !== 'DRAFT') throw new DomainError('AGREEMENT_SIGNED', { field: 'piid' });
  return sign(state, 'supplier', termsDigest);
}

/** The buyer's signature makes the agreement active. @throws DomainError AGREEMENT_NOT_SIGNED, AGREEMENT_ACTIVE, TERMS_DIFFER */
export function activateAgreement(state: ExistingAgreement, termsDigest: string): readonly [AgreementSigned, AgreementActivated] {
  if (state.status === 'DRAFT') throw new DomainError('AGREEMENT_NOT_SIGNED', { field: 'piid' });
  if (state.status === 'ACTIVE') throw new DomainError('AGREEMENT_ACTIVE', { field: 'piid' });
  const signed = sign(state, 'buyer', termsDigest);
  return [signed, { type: 'AgreementActivated', data: { piid: state.terms.piid, termsDigest } }];
}

function sign(state: ExistingAgreement, party: 'buyer' | 'supplier', termsDigest: string): AgreementSigned {
  if (termsDigest !== state.termsDigest) {
    throw new DomainError('TERMS_DIFFER', { field: 'terms_digest', rule: 'sign the digest of the terms as drafted' });
  }
  return { type: 'AgreementSigned', data: { piid: state.terms.piid, party, termsDigest } };
}
