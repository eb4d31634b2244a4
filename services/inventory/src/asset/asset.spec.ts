import { describe, expect, it } from '@jest/globals';
import type { Rfc3339 } from '@countersign/kernel';
import { assetDueIn, assetIssued, assetReceived, CLERK, given, holdPlaced, receiptOf, TCN, UII } from '../builders.js';
import { announceAsset } from './announce-asset.decider.js';
import { ASSET, type AssetEvent } from './asset.js';
import { confirmCounterfeit, releaseHold, type LaboratoryResult } from './end-suspicion.decider.js';
import { deliverAsset, issueAsset } from './issue-asset.decider.js';
import { presentAsset, type PresentAsset, type Presentation } from './present-asset.decider.js';

const PARTS = { construct: 2, agency: 'D', enterprise: 'D9X91', originalPart: 'IMU7700-3', serial: '000417B' } as const;
const DELIVERED = {
  type: 'AssetDelivered',
  data: { uii: UII, organisationId: 'usa-unit', documentNumber: 'W99UN163060042', tcn: TCN, piece: 1 },
} as const;

function present(history: readonly AssetEvent[], change: Partial<PresentAsset> = {}): Presentation {
  return presentAsset(given(ASSET, ...history), { ...receiptOf([UII]), uii: UII, parts: null, expectedCage: '', ...change });
}

const reasonOf = (presentation: Presentation): string =>
  presentation.verdict === 'SUSPECT' ? presentation.reason : presentation.verdict;

describe('an item presented at a receipt', () => {
  it.each<[string, readonly AssetEvent[], Partial<PresentAsset>, string]>([
    ['that nobody knows', [], {}, 'GENUINE'],
    ['that was announced', [assetDueIn()], {}, 'GENUINE'],
    ['that was announced by another supplier', [assetDueIn()], { supplierCage: '9Z9Z9' }, 'SUPPLIER_DIFFERS'],
    ['that is in stock here', [assetDueIn(), assetReceived()], {}, 'ALREADY_KNOWN'],
    ['that is in stock elsewhere', [assetReceived(UII, { ric: 'Z9E' })], {}, 'ALREADY_KNOWN'],
    ['that is on its way to a unit', [assetReceived(), assetIssued()], { documentIdentifier: 'D6' }, 'ALREADY_KNOWN'],
    ['that a unit sends back', [assetReceived(), assetIssued(), DELIVERED], { documentIdentifier: 'D6' }, 'GENUINE'],
    ['that a unit has, bought again', [assetReceived(), assetIssued(), DELIVERED], { documentIdentifier: 'D4' }, 'ALREADY_KNOWN'],
    [
      'whose receipt was reversed',
      [assetReceived(), { type: 'AssetReceiptReversed', data: { uii: UII, documentNumber: 'W99DP163030001' } }],
      {},
      'GENUINE',
    ],
    [
      'whose mark has other parts',
      [assetDueIn(UII, { parts: PARTS })],
      { parts: { ...PARTS, originalPart: 'IMU7700', serial: '-3000417B' } },
      'PARTS_DIFFER',
    ],
    ['whose mark has the same parts', [assetDueIn(UII, { parts: PARTS })], { parts: { ...PARTS } }, 'GENUINE'],
    ['of another item of supply', [assetDueIn(UII, { nsn: '6615129999902' })], {}, 'PARTS_DIFFER'],
    ['in a parcel that is not from its supplier', [], { expectedCage: 'D9X91', supplierCage: '9Z9Z9' }, 'SUPPLIER_DIFFERS'],
  ])('%s', (_case, history, change, verdict) => {
    expect(reasonOf(present(history, change))).toBe(verdict);
  });

  it('goes back to where it was when its receipt is reversed', () => {
    const reversed = { type: 'AssetReceiptReversed', data: { uii: UII, documentNumber: 'W99DP163030001' } } as const;
    expect(given(ASSET, assetDueIn(), assetReceived(), reversed)).toMatchObject({ status: 'IN_TRANSIT' });
  });

  it('as a clone raises an alert and one hold, however often it is presented', () => {
    const first = present([assetReceived()], { supplierCage: '9Z9Z9' });
    expect(first.events.map(({ type }) => type)).toEqual(['CloneAlert', 'HoldPlaced']);
    expect(first.events[0]?.data).toMatchObject({
      reason: 'ALREADY_KNOWN',
      supplierCage: '9Z9Z9',
      knownStatus: 'IN_STOCK',
      knownRic: 'Z9D',
    });
    const second = present([assetReceived(), ...first.events]);
    expect(second.events.map(({ type }) => type)).toEqual(['CloneAlert']);
  });

  it('as a clone never changes where the first one is', () => {
    const clone = present([assetReceived()], { ric: 'Z9E', condition: 'B' });
    expect(given(ASSET, assetReceived(), ...clone.events)).toMatchObject({ status: 'IN_STOCK', ric: 'Z9D', condition: 'A' });
  });

  it('is never received once it is a confirmed counterfeit', () => {
    const confirmed = {
      type: 'CounterfeitConfirmed',
      data: { uii: UII, report: 'R1', examinedAt: '2026-11-01T00:00:00Z', signedResult: 'jws' },
    } as const;
    expect(reasonOf(present([assetDueIn(), holdPlaced(), confirmed]))).toBe('ALREADY_KNOWN');
  });
});

describe('an announcement', () => {
  const announce = (
    history: readonly AssetEvent[],
    change: Partial<ReturnType<typeof assetDueIn>['data']> = {},
  ): readonly AssetEvent[] =>
    announceAsset(given(ASSET, ...history), {
      asset: assetDueIn(UII, change).data,
      placedBy: 'service-inventory',
      placedAt: '2026-10-28T10:00:00Z',
    });

  it('makes an unknown item expected', () => {
    expect(announce([])).toEqual([assetDueIn()]);
  });

  it('repeated adds nothing', () => {
    expect(announce([assetDueIn()])).toEqual([]);
    expect(announce([assetDueIn(), assetReceived()])).toEqual([]);
  });

  it('of an item that is known otherwise is an alert', () => {
    expect(announce([assetDueIn(), assetReceived()], { shipmentNumber: 'SER0002' }).map(({ type }) => type)).toEqual([
      'CloneAlert',
      'HoldPlaced',
    ]);
  });
});

describe('an issue', () => {
  it('takes an item out of stock', () => {
    expect(issueAsset(given(ASSET, assetReceived()), assetIssued().data, 'uiis[0]')).toEqual(assetIssued());
  });

  it.each<[string, readonly AssetEvent[], string]>([
    ['that is not there', [], 'ASSET_NOT_IN_STOCK'],
    ['that is on its way', [assetDueIn()], 'ASSET_NOT_IN_STOCK'],
    ['that is elsewhere', [assetReceived(UII, { ric: 'Z9E' })], 'ASSET_NOT_IN_STOCK'],
    ['that was issued', [assetReceived(), assetIssued()], 'ASSET_NOT_IN_STOCK'],
    ['that is held', [assetReceived(), holdPlaced()], 'ASSET_HELD'],
  ])('refuses an item %s', (_case, history, code) => {
    expect(() => issueAsset(given(ASSET, ...history), assetIssued().data, 'uiis[0]')).toThrow(expect.objectContaining({ code }));
  });

  it('is delivered with its own shipment only', () => {
    expect(deliverAsset(given(ASSET, assetReceived(), assetIssued()), DELIVERED.data, 'uiis[0]')).toEqual(DELIVERED);
    expect(() => deliverAsset(given(ASSET, assetReceived()), DELIVERED.data, 'uiis[0]')).toThrow(
      expect.objectContaining({ code: 'DELIVERY_DIFFERS' }),
    );
  });
});

describe('a suspicion', () => {
  const RESULT: LaboratoryResult = {
    uii: UII,
    result: 'AUTHENTIC',
    report: 'LAB-77',
    examinedAt: '2026-11-01T08:00:00Z' as Rfc3339,
    signedBy: 'person-laboratory',
    signedResult: 'a.b.c',
  };
  const command = { result: RESULT, person: 'person-inspector', eventTime: '2026-11-01T12:00:00Z' as Rfc3339 };
  const held = [assetReceived(), holdPlaced()];

  it('ends by a signed result of another person', () => {
    const events = releaseHold(given(ASSET, ...held), command);
    expect(events.map(({ type }) => type)).toEqual(['AuthenticityConfirmed', 'HoldReleased']);
    expect(given(ASSET, ...held, ...events)).toMatchObject({ status: 'IN_STOCK', hold: { kind: 'NONE' } });
  });

  it('becomes a certainty by a result that says so, for good', () => {
    const events = confirmCounterfeit(given(ASSET, ...held), { ...command, result: { ...RESULT, result: 'COUNTERFEIT' } });
    expect(events.map(({ type }) => type)).toEqual(['CounterfeitConfirmed']);
    const after = given(ASSET, ...held, ...events);
    expect(() => releaseHold(after, command)).toThrow(expect.objectContaining({ code: 'ASSET_NOT_HELD' }));
    expect(() => issueAsset(after, assetIssued().data, 'uiis[0]')).toThrow(expect.objectContaining({ code: 'ASSET_HELD' }));
  });

  it.each<[string, Partial<typeof command>, string]>([
    ['the person who placed the hold', { person: CLERK }, 'SAME_PERSON'],
    ['a result signed by the person who placed the hold', { result: { ...RESULT, signedBy: CLERK } }, 'SAME_PERSON'],
    ['a result about another item', { result: { ...RESULT, uii: 'D1' } }, 'RESULT_DIFFERS'],
    ['a result that says the contrary', { result: { ...RESULT, result: 'COUNTERFEIT' } }, 'RESULT_DIFFERS'],
    [
      'an examination from before the hold',
      { result: { ...RESULT, examinedAt: '2026-10-30T00:00:00Z' as Rfc3339 } },
      'RESULT_DIFFERS',
    ],
    [
      'an examination that is still to come',
      { result: { ...RESULT, examinedAt: '2026-11-02T00:00:00Z' as Rfc3339 } },
      'RESULT_DIFFERS',
    ],
  ])('does not end by %s', (_case, change, code) => {
    expect(() => releaseHold(given(ASSET, ...held), { ...command, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it.each([[[]], [[assetReceived()]]])('that does not exist does not end', (history: AssetEvent[]) => {
    expect(() => releaseHold(given(ASSET, ...history), command)).toThrow(expect.objectContaining({ code: 'ASSET_NOT_HELD' }));
  });
});
