import { DomainError } from '@countersign/kernel';
import type { Parties } from '../order/order.js';
import type { AgreementDrafted, AgreementState } from './agreement.js';
import { checkConditions, type Terms } from './terms.js';

export interface DraftAgreement {
  readonly parties: Parties;
  readonly terms: Terms;
  readonly termsDigest: string;
}

/** Drafted in the same command as its order. @throws DomainError ORDER_EXISTS, FIELD_INVALID */
export function draftAgreement(state: AgreementState, command: DraftAgreement): AgreementDrafted {
  if (state.status !== 'NONE') throw new DomainError('ORDER_EXISTS', { field: 'piid' });
  checkConditions(command.terms.conditions);
  const { parties, terms, termsDigest } = command;
  return { type: 'AgreementDrafted', data: { piid: terms.piid, parties, terms, termsDigest } };
}
