import { describe, expect, it } from '@jest/globals';

import { SubscriptionSlots } from './subscription-slots.js';

const slotsOf = (): SubscriptionSlots => new SubscriptionSlots({ ofPrincipalMax: 2, ofOrganisationMax: 3, ofServiceMax: 4 });
const reader = (principalId: string, organisationId = 'depot'): { principalId: string; organisationId: string } => ({
  principalId,
  organisationId,
});
const exhausted = (rule: string): unknown => expect.objectContaining({ code: 'SUBSCRIPTIONS_EXHAUSTED', detail: { rule } });

describe('slots', () => {
  it('are limited by principal, organisation and service', () => {
    const slots = slotsOf();
    slots.take(reader('p-1'));
    slots.take(reader('p-1'));
    expect(() => slots.take(reader('p-1'))).toThrow(exhausted('at most 2 of a principal'));
    slots.take(reader('p-2'));
    expect(() => slots.take(reader('p-3'))).toThrow(exhausted('at most 3 of an organisation'));
    slots.take(reader('p-4', 'carrier'));
    expect(() => slots.take(reader('p-5', 'carrier'))).toThrow(exhausted('at most 4 of this service'));
    expect(slots.open).toBe(4);
  });

  it('are given back once each, and a refusal takes none', () => {
    const slots = slotsOf();
    const giveBack = slots.take(reader('p-1'));
    slots.take(reader('p-1'));
    expect(() => slots.take(reader('p-1'))).toThrow();
    giveBack();
    giveBack();
    expect(slots.open).toBe(1);
    slots.take(reader('p-1'));
    expect(() => slots.take(reader('p-1'))).toThrow();
  });

  it('take a principal by the name of an organisation for what it is', () => {
    const slots = slotsOf();
    slots.take(reader('depot', 'x'));
    slots.take(reader('depot', 'x'));
    slots.take(reader('p-1', 'depot'));
    expect(slots.open).toBe(3);
  });
});
