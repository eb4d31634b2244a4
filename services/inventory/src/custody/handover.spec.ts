import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PersistentList, type Quantity, type Rfc3339 } from '@countersign/kernel';
import {
  CARRIER,
  CLERK,
  custodyAccepted,
  custodyHeld,
  custodyOffered,
  DEPOT,
  given,
  namedRecord,
  OTHER_UII,
  TALLY,
  TALLY_DIGEST,
  TCN,
  UII,
  UNIT,
} from '../builders.js';
import { confirmDelivery } from './confirm-delivery.decider.js';
import { CUSTODY, type CustodyEvent, type ExistingCustody } from './custody.js';
import { acceptCustody, offerCustody, refuseCustody, withdrawOffer, type OfferCustody, type Party } from './handover.decider.js';

const STREAM = `custody/${TCN}/1`;
const NOON = '2026-11-03T12:00:00Z' as Rfc3339;

function custody(...history: CustodyEvent[]): ExistingCustody {
  const state = given(CUSTODY, custodyHeld(), ...history);
  if (state.status === 'NONE') throw new Error('no custody');
  return state;
}

const party = (organisationId: string, person: string, eventTime = '2026-11-03T07:00:00Z'): Party => ({
  organisationId,
  person,
  eventTime: eventTime as Rfc3339,
});
const GIVER = party(DEPOT, CLERK);
const TAKER = party(CARRIER, 'person-driver');
const OFFER: OfferCustody = {
  taker: CARRIER,
  tally: TALLY,
  tallySalt: 'cd'.repeat(32),
  tallyDigest: TALLY_DIGEST,
  expiresAt: NOON,
};
const answer = { offer: namedRecord(STREAM, 1), tallyDigest: TALLY_DIGEST };
const refusal = (code: string): object => expect.objectContaining({ code });

describe('when a shipment unit is held', () => {
  it('is offered by its holder, who goes on holding it', () => {
    expect(offerCustody(custody(), OFFER, GIVER)).toEqual([custodyOffered()]);
    expect(custody(custodyOffered())).toMatchObject({ status: 'OFFERED', holder: DEPOT });
  });

  it.each<[string, Partial<OfferCustody>, Party, string]>([
    ['somebody else', {}, TAKER, 'CUSTODY_NOT_HELD'],
    ['the holder to himself', { taker: DEPOT }, GIVER, 'CUSTODY_TAKER_INVALID'],
    ['the holder with an expiry that has passed', { expiresAt: '2026-11-03T07:00:00Z' as Rfc3339 }, GIVER, 'TIME_INVALID'],
  ])('is not offered by %s', (_case, change, giver, code) => {
    expect(() => offerCustody(custody(), { ...OFFER, ...change }, giver)).toThrow(refusal(code));
  });

  it('has no offer to answer', () => {
    expect(() => acceptCustody(custody(), STREAM, answer, TAKER)).toThrow(refusal('CUSTODY_OFFER_ABSENT'));
    expect(() => withdrawOffer(custody(), STREAM, answer.offer, GIVER)).toThrow(refusal('CUSTODY_OFFER_ABSENT'));
  });
});

describe('when an offer is open', () => {
  const offered = custody(custodyOffered());

  it('passes to the taker who names it and agrees to its tally', () => {
    expect(acceptCustody(offered, STREAM, answer, TAKER)).toEqual(custodyAccepted());
    expect(custody(custodyOffered(), custodyAccepted())).toMatchObject({
      status: 'HELD',
      holder: CARRIER,
      holders: PersistentList.of(DEPOT, CARRIER),
    });
  });

  it.each<[string, Partial<typeof answer>, Party, string]>([
    ['another organisation', {}, party(UNIT, 'person-other'), 'CUSTODY_OFFER_ABSENT'],
    ['the giver', {}, GIVER, 'CUSTODY_OFFER_ABSENT'],
    ['the person who offered, now of the taker', {}, party(CARRIER, CLERK), 'SAME_PERSON'],
    ['who agrees to another tally', { tallyDigest: '00'.repeat(32) }, TAKER, 'TALLY_DIFFERS'],
    ['who names another record of the stream', { offer: namedRecord(STREAM, 0) }, TAKER, 'RECORD_REFERENCE_WRONG'],
    ['who names a record of another stream', { offer: namedRecord('custody/OTHER/1', 1) }, TAKER, 'RECORD_REFERENCE_WRONG'],
    ['who comes too late', {}, party(CARRIER, 'person-driver', '2026-11-03T12:00:00.000000001Z'), 'CUSTODY_OFFER_EXPIRED'],
  ])('is not accepted by %s', (_case, change, taker, code) => {
    expect(() => acceptCustody(offered, STREAM, { ...answer, ...change }, taker)).toThrow(refusal(code));
  });

  it('is accepted until the instant it expires, in any offset', () => {
    expect(acceptCustody(offered, STREAM, answer, party(CARRIER, 'person-driver', '2026-11-03T13:00:00+01:00')).type).toBe(
      'CustodyAccepted',
    );
  });

  it('stays with the giver when it is refused or withdrawn', () => {
    const refused = refuseCustody(offered, STREAM, { offer: answer.offer, reason: 'seal broken' }, TAKER);
    const withdrawn = withdrawOffer(offered, STREAM, answer.offer, GIVER);
    for (const event of [refused, withdrawn])
      expect(custody(custodyOffered(), event)).toMatchObject({
        status: 'HELD',
        holder: DEPOT,
        holders: PersistentList.of(DEPOT),
      });
    expect(() => withdrawOffer(offered, STREAM, answer.offer, TAKER)).toThrow(refusal('CUSTODY_NOT_HELD'));
    expect(() => refuseCustody(offered, STREAM, { offer: answer.offer, reason: 'x' }, GIVER)).toThrow(
      refusal('CUSTODY_OFFER_ABSENT'),
    );
  });

  it('is not replaced before it expires; then the expiry is recorded with the new offer', () => {
    expect(() => offerCustody(offered, OFFER, GIVER)).toThrow(refusal('CUSTODY_OFFER_OPEN'));
    const later = { ...GIVER, eventTime: '2026-11-03T13:00:00Z' as Rfc3339 };
    const events = offerCustody(offered, { ...OFFER, expiresAt: '2026-11-03T18:00:00Z' as Rfc3339 }, later);
    expect(events.map(({ type }) => type)).toEqual(['CustodyOfferExpired', 'CustodyOffered']);
    const again = custody(custodyOffered(), ...events);
    expect(() => acceptCustody(again, STREAM, answer, TAKER)).toThrow(refusal('RECORD_REFERENCE_WRONG'));
    expect(acceptCustody(again, STREAM, { ...answer, offer: namedRecord(STREAM, 3) }, TAKER).type).toBe('CustodyAccepted');
  });

  it('answered once is answered for good', () => {
    const accepted = custody(custodyOffered(), custodyAccepted());
    expect(() => acceptCustody(accepted, STREAM, answer, TAKER)).toThrow(refusal('CUSTODY_OFFER_ABSENT'));
    expect(() => withdrawOffer(accepted, STREAM, answer.offer, GIVER)).toThrow(refusal('CUSTODY_NOT_HELD'));
  });
});

describe('when the requisitioner holds it', () => {
  const reached = custody(
    custodyOffered(),
    custodyAccepted(),
    custodyOffered({ giver: CARRIER, taker: UNIT }),
    custodyAccepted({ giver: CARRIER, taker: UNIT }),
  );
  const found = { organisationId: UNIT, quantity: 1 as Quantity, uiis: [UII] };

  it('ends with what was found', () => {
    const delivery = confirmDelivery(reached, found);
    expect(delivery.data).toMatchObject({ holder: UNIT, quantity: 1, uiis: [UII] });
    expect(given(CUSTODY, custodyHeld(), delivery)).toMatchObject({ status: 'DELIVERED' });
  });

  it.each<[string, Partial<typeof found>, string]>([
    ['by somebody who does not hold it', { organisationId: CARRIER }, 'CUSTODY_NOT_HELD'],
    ['with another quantity', { quantity: 2 as Quantity }, 'DELIVERY_DIFFERS'],
    ['with another item', { uiis: [OTHER_UII] }, 'DELIVERY_DIFFERS'],
    ['with an item too many', { uiis: [UII, OTHER_UII] }, 'DELIVERY_DIFFERS'],
  ])('does not end %s', (_case, change, code) => {
    expect(() => confirmDelivery(reached, { ...found, ...change })).toThrow(refusal(code));
  });

  it('does not end while somebody else holds it', () => {
    expect(() => confirmDelivery(custody(custodyOffered(), custodyAccepted()), { ...found, organisationId: CARRIER })).toThrow(
      refusal('CUSTODY_NOT_HELD'),
    );
  });

  it('is not offered any more once delivered', () => {
    const delivered = given(CUSTODY, custodyHeld(), confirmDelivery(reached, found)) as ExistingCustody;
    expect(() => offerCustody({ ...delivered, holder: UNIT }, OFFER, party(UNIT, CLERK))).toThrow(refusal('CUSTODY_NOT_HELD'));
  });
});

describe('whatever is tried', () => {
  it('there is exactly one holder, and it changes by acceptance only', () => {
    const action = fc.record({
      kind: fc.constantFrom('offer', 'accept', 'refuse', 'withdraw'),
      by: fc.constantFrom(DEPOT, CARRIER, UNIT),
      to: fc.constantFrom(DEPOT, CARRIER, UNIT),
      sequence: fc.nat({ max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        let state = custody();
        for (const step of actions) {
          const holderBefore = state.holder;
          const events = attempt(state, step);
          state = events.reduce((current, event) => CUSTODY.evolve(current, event) as ExistingCustody, state);
          if (events.some(({ type }) => type === 'CustodyAccepted')) expect(state.holder).toBe(step.by);
          else expect(state.holder).toBe(holderBefore);
          expect([...state.holders].at(-1)).toBe(state.holder);
        }
      }),
    );
  });

  function attempt(
    state: ExistingCustody,
    { kind, by, to, sequence }: { kind: string; by: string; to: string; sequence: number },
  ): readonly CustodyEvent[] {
    const actor = party(by, `person-of-${by}`);
    const named = namedRecord(STREAM, sequence);
    try {
      if (kind === 'offer') return offerCustody(state, { ...OFFER, taker: to }, actor);
      if (kind === 'accept') return [acceptCustody(state, STREAM, { offer: named, tallyDigest: TALLY_DIGEST }, actor)];
      if (kind === 'refuse') return [refuseCustody(state, STREAM, { offer: named, reason: 'no' }, actor)];
      return [withdrawOffer(state, STREAM, named, actor)];
    } catch (error) {
      expect(error).toHaveProperty('code');
      return [];
    }
  }
});
