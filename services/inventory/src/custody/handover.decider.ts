import { compareTimes, DomainError, type Rfc3339 } from '@countersign/kernel';
import type { NamedRecord } from '../named-record.js';
import type {
  CustodyAccepted,
  CustodyEvent,
  CustodyOfferWithdrawn,
  CustodyRefused,
  CustodyState,
  ExistingCustody,
  OpenOffer,
  Tally,
} from './custody.js';

/** Who acts, for which organisation, and when it happened. */
export interface Party {
  readonly organisationId: string;
  /** Identity's id of the person. */
  readonly person: string;
  readonly eventTime: Rfc3339;
}

export interface OfferCustody {
  readonly taker: string;
  readonly tally: Tally;
  readonly tallySalt: string;
  readonly tallyDigest: string;
  readonly expiresAt: Rfc3339;
}

/** @throws DomainError CUSTODY_NOT_HELD, CUSTODY_OFFER_OPEN, CUSTODY_TAKER_INVALID, TIME_INVALID */
export function offerCustody(state: ExistingCustody, command: OfferCustody, giver: Party): readonly CustodyEvent[] {
  requireHolder(state, giver);
  const expired = state.status === 'OFFERED' ? expiredOffer(state.offer, giver.eventTime) : [];
  if (command.taker === giver.organisationId) throw new DomainError('CUSTODY_TAKER_INVALID', { field: 'taker' });
  if (compareTimes(command.expiresAt, giver.eventTime) <= 0) {
    throw new DomainError('TIME_INVALID', { field: 'expires_at', rule: 'an offer expires after it was made' });
  }
  const { tcn, piece, uiis } = state.unit;
  return [
    ...expired,
    { type: 'CustodyOffered', data: { tcn, piece, uiis, giver: giver.organisationId, ...command, offeredBy: giver.person } },
  ];
}

export interface AcceptCustody {
  readonly offer: NamedRecord;
  readonly tallyDigest: string;
}

/**
 * Two persons of two organisations over one tally (invariant C2); there is one holder before and after (C1).
 * @throws DomainError CUSTODY_OFFER_ABSENT, RECORD_REFERENCE_WRONG, TALLY_DIFFERS, CUSTODY_OFFER_EXPIRED, SAME_PERSON
 */
export function acceptCustody(state: CustodyState, streamId: string, command: AcceptCustody, taker: Party): CustodyAccepted {
  const { terms } = requireAnswerable(state, streamId, command.offer, taker);
  if (terms.tallyDigest !== command.tallyDigest) throw new DomainError('TALLY_DIFFERS', { field: 'tally_digest' });
  if (compareTimes(taker.eventTime, terms.expiresAt as Rfc3339) > 0)
    throw new DomainError('CUSTODY_OFFER_EXPIRED', { field: 'offer' });
  if (terms.offeredBy === taker.person) throw new DomainError('SAME_PERSON', { rule: 'offering and accepting custody' });
  const { tcn, piece, uiis, giver, tallyDigest } = terms;
  return {
    type: 'CustodyAccepted',
    data: { tcn, piece, uiis, giver, taker: terms.taker, offer: command.offer, tallyDigest, acceptedBy: taker.person },
  };
}

/** @throws DomainError CUSTODY_OFFER_ABSENT, RECORD_REFERENCE_WRONG */
export function refuseCustody(
  state: CustodyState,
  streamId: string,
  command: { readonly offer: NamedRecord; readonly reason: string },
  taker: Party,
): CustodyRefused {
  const { tcn, piece, uiis, giver, taker: organisation } = requireAnswerable(state, streamId, command.offer, taker).terms;
  return { type: 'CustodyRefused', data: { tcn, piece, uiis, giver, taker: organisation, ...command } };
}

/** @throws DomainError CUSTODY_NOT_HELD, CUSTODY_OFFER_ABSENT, RECORD_REFERENCE_WRONG */
export function withdrawOffer(state: ExistingCustody, streamId: string, offer: NamedRecord, giver: Party): CustodyOfferWithdrawn {
  requireHolder(state, giver);
  const { tcn, piece, uiis, taker, giver: organisation } = requireNamed(state, streamId, offer).terms;
  return { type: 'CustodyOfferWithdrawn', data: { tcn, piece, uiis, giver: organisation, taker, offer } };
}

function requireHolder(state: ExistingCustody, party: Party): void {
  const open = state.status === 'HELD' || state.status === 'OFFERED';
  if (!open || state.holder !== party.organisationId) throw new DomainError('CUSTODY_NOT_HELD', { field: 'unit' });
}

/** The open offer, if it was made to this organisation and is the one that is named. */
function requireAnswerable(state: CustodyState, streamId: string, named: NamedRecord, taker: Party): OpenOffer {
  const offer = requireNamed(state, streamId, named);
  if (offer.terms.taker !== taker.organisationId) throw new DomainError('CUSTODY_OFFER_ABSENT', { field: 'unit' });
  return offer;
}

function requireNamed(state: CustodyState, streamId: string, named: NamedRecord): OpenOffer {
  if (state.status !== 'OFFERED') throw new DomainError('CUSTODY_OFFER_ABSENT', { field: 'unit' });
  if (named.streamId !== streamId || named.sequence !== state.offer.sequence) {
    throw new DomainError('RECORD_REFERENCE_WRONG', { field: 'offer' });
  }
  return state.offer;
}

/** @throws DomainError CUSTODY_OFFER_OPEN while it may still be accepted */
function expiredOffer({ terms }: OpenOffer, now: Rfc3339): readonly CustodyEvent[] {
  if (compareTimes(now, terms.expiresAt as Rfc3339) <= 0) throw new DomainError('CUSTODY_OFFER_OPEN', { field: 'unit' });
  const { tcn, piece, uiis, giver, taker, expiresAt } = terms;
  return [{ type: 'CustodyOfferExpired', data: { tcn, piece, uiis, giver, taker, expiresAt } }];
}
