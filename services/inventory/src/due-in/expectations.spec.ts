import { describe, expect, it } from '@jest/globals';
import { given, OTHER_UII, PIID, releaseOrdered, RIC, shipmentExpected, UII } from '../builders.js';
import { orderRelease } from '../release-order/order-release.decider.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';
import { noteStorage } from '../storage/note-storage.decider.js';
import { STORAGE } from '../storage/storage.js';
import { DUE_IN } from './due-in.js';
import { expectShipment } from './expect-shipment.decider.js';

const PART = { piid: PIID, documentNumber: 'W99DP163030001', year: 2026, suffix: 'A', quantity: 1, uiis: [UII] };

describe('a shipment', () => {
  it('is expected once', () => {
    const expected = shipmentExpected([UII, OTHER_UII]);
    expect(expectShipment(given(DUE_IN), expected.data)).toEqual([expected]);
    expect(expectShipment(given(DUE_IN, expected), expected.data)).toEqual([]);
  });

  it('counts what arrived, and what was found not to have', () => {
    const history = [shipmentExpected([UII, OTHER_UII]), { type: 'DueInReceived', data: PART } as const];
    expect(given(DUE_IN, ...history)).toMatchObject({ received: 1, quantity: 2 });
    expect(given(DUE_IN, ...history, { type: 'DueInReceiptReversed', data: PART })).toMatchObject({ received: 0 });
  });
});

describe('a release', () => {
  it('is ordered once, and counts its issues', () => {
    const ordered = releaseOrdered(2);
    expect(orderRelease(given(RELEASE_ORDER), ordered.data)).toEqual([ordered]);
    expect(orderRelease(given(RELEASE_ORDER, ordered), ordered.data)).toEqual([]);
    const issue = { documentNumber: ordered.data.documentNumber, suffix: '', quantity: 2, tcn: 'W99UN163060042XXX' };
    const issued = [ordered, { type: 'ReleaseOrderIssued', data: issue } as const];
    expect(given(RELEASE_ORDER, ...issued)).toMatchObject({ issued: 2 });
    expect(given(RELEASE_ORDER, ...issued, { type: 'ReleaseOrderIssueReversed', data: issue })).toMatchObject({ issued: 0 });
  });
});

describe('a storage activity', () => {
  it('is noted, and noted again only if it changed hands', () => {
    const noted = noteStorage(given(STORAGE), RIC, 'usa-depot');
    expect(noted).toHaveLength(1);
    expect(noteStorage(given(STORAGE, ...noted), RIC, 'usa-depot')).toEqual([]);
    expect(noteStorage(given(STORAGE, ...noted), RIC, 'usa-other')).toHaveLength(1);
  });
});
