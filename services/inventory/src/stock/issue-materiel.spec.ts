import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Quantity } from '@countersign/kernel';
import {
  custodyHeld,
  given,
  issueOf,
  itemRegistered,
  materielIssued,
  namedRecord,
  NSN,
  OTHER_UII,
  receiptPosted,
  releaseOrdered,
  RIC,
  UII,
} from '../builders.js';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { CUSTODY } from '../custody/custody.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';
import { issueMateriel, type IssueMateriel, type IssuingState } from './issue-materiel.decider.js';
import type { StockEvent } from './stock-events.js';
import { STOCK } from './stock.js';

function state(...history: StockEvent[]): IssuingState {
  return {
    item: given(CATALOGUE_ITEM, itemRegistered()),
    stock: given(STOCK, ...history),
    releaseOrder: given(RELEASE_ORDER, releaseOrdered(2)),
    custody: given(CUSTODY),
  };
}

const refusal = (code: string): object => expect.objectContaining({ code });
const HELD: StockEvent = { type: 'UnitsHeld', data: { ric: RIC, nsn: NSN, uiis: [UII], hold: 'SUSPECT_COUNTERFEIT' } };
const FREED: StockEvent = { type: 'UnitsFreed', data: { ric: RIC, nsn: NSN, uiis: [UII], hold: 'SUSPECT_COUNTERFEIT' } };

describe('when a requisition is released and its item is in stock', () => {
  it('issues it and opens custody with the storing organisation', () => {
    const issued = issueMateriel(state(receiptPosted()), issueOf([UII]));
    expect(issued.stock).toEqual(materielIssued());
    expect(issued.custody).toEqual(custodyHeld());
    expect(issued.releaseOrder.data).toMatchObject({ quantity: 1, suffix: '' });
  });

  it.each<[string, Partial<IssueMateriel>, string]>([
    ['condition D', { condition: 'D' }, 'CONDITION_NOT_ISSUABLE'],
    ['condition L', { condition: 'L' }, 'CONDITION_NOT_ISSUABLE'],
    ['an item of another condition', { condition: 'B' }, 'ASSET_NOT_IN_STOCK'],
    ['an item that is not there', { uiis: [OTHER_UII] }, 'ASSET_NOT_IN_STOCK'],
    ['fewer items than its quantity', { quantity: 2 as Quantity }, 'ITEMS_DIFFER_FROM_QUANTITY'],
    ['an item twice', { uiis: [UII, UII], quantity: 2 as Quantity }, 'FIELD_INVALID'],
    ['another unit of issue', { unitOfIssue: 'BX' }, 'UNIT_OF_ISSUE_DIFFERS'],
    ['from another place than ordered', { ric: 'Z9E' }, 'RELEASE_ORDER_DIFFERS'],
    ['another item than ordered', { nsn: '6615129999902' as IssueMateriel['nsn'] }, 'RELEASE_ORDER_DIFFERS'],
  ])('refuses %s', (_case, change, code) => {
    expect(() => issueMateriel(state(receiptPosted()), issueOf([UII], change))).toThrow(refusal(code));
  });

  it('tells nobody of a release to another organisation', () => {
    const foreign = { organisationId: 'pol-depot', ric: 'Z8D' };
    expect(() => issueMateriel(state(receiptPosted()), issueOf([UII], foreign))).toThrow(refusal('RELEASE_ORDER_UNKNOWN'));
  });

  it('refuses more than was released', () => {
    const three = ['D1', 'D2', 'D3'];
    expect(() => issueMateriel(state(receiptPosted(three)), issueOf(three))).toThrow(refusal('RELEASE_ORDER_EXCEEDED'));
  });

  it('refuses a held item, and issues it once freed', () => {
    expect(() => issueMateriel(state(receiptPosted(), HELD), issueOf([UII]))).toThrow(refusal('ASSET_HELD'));
    expect(issueMateriel(state(receiptPosted(), HELD, FREED), issueOf([UII])).stock.type).toBe('MaterielIssued');
  });

  it('refuses the same suffix twice', () => {
    const issued = state(receiptPosted([UII, OTHER_UII]), materielIssued([UII]));
    expect(() => issueMateriel(issued, issueOf([OTHER_UII]))).toThrow(refusal('ISSUE_EXISTS'));
    expect(issueMateriel(issued, issueOf([OTHER_UII], { suffix: 'B' })).stock.data.suffix).toBe('B');
  });

  it('refuses a shipment unit that is in use', () => {
    expect(() => issueMateriel({ ...state(receiptPosted()), custody: given(CUSTODY, custodyHeld()) }, issueOf([UII]))).toThrow(
      refusal('SHIPMENT_UNIT_EXISTS'),
    );
  });

  it('refuses an unknown item of supply', () => {
    expect(() => issueMateriel({ ...state(receiptPosted()), item: given(CATALOGUE_ITEM) }, issueOf([UII]))).toThrow(
      refusal('ITEM_UNKNOWN'),
    );
  });
});

describe('when nothing was released', () => {
  it('refuses', () => {
    expect(() => issueMateriel({ ...state(receiptPosted()), releaseOrder: given(RELEASE_ORDER) }, issueOf([UII]))).toThrow(
      refusal('RELEASE_ORDER_UNKNOWN'),
    );
  });
});

describe('when the item is not serial-managed', () => {
  const bulk = given(CATALOGUE_ITEM, itemRegistered({ serialManaged: false }));
  const released = given(RELEASE_ORDER, releaseOrdered(1_000_000));
  const issue = (history: readonly StockEvent[], quantity: number, suffix = ''): StockEvent =>
    issueMateriel(
      { ...state(), item: bulk, releaseOrder: released, stock: given(STOCK, ...history) },
      issueOf([], { quantity: quantity as Quantity, suffix }),
    ).stock;

  it('refuses to issue more than is on hand', () => {
    expect(() => issue([], 1)).toThrow(refusal('STOCK_INSUFFICIENT'));
    expect(() => issue([receiptPosted([], { quantity: 5 })], 6)).toThrow(refusal('STOCK_INSUFFICIENT'));
    expect(issue([receiptPosted([], { quantity: 5 })], 5).type).toBe('MaterielIssued');
  });

  it('keeps the auditor’s equation: on hand = receipts − issues ± reversals, never below zero', () => {
    const step = fc.record({
      kind: fc.constantFrom('receive', 'issue', 'reverse'),
      quantity: fc.integer({ min: 1, max: 50 }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const history: StockEvent[] = [];
        let expected = 0;
        for (const [index, { kind, quantity, pick }] of steps.entries()) {
          const event = next(history, kind, quantity, pick, index);
          if (event === undefined) continue;
          history.push(event);
          expected += change(event);
          const stock = given(STOCK, ...history);
          if (stock.status === 'NONE') throw new Error('no ledger');
          expect(stock.onHand.get('A')).toBe(expected);
          expect(expected).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  function next(
    history: readonly StockEvent[],
    kind: string,
    quantity: number,
    pick: number,
    index: number,
  ): StockEvent | undefined {
    if (kind === 'receive') return receiptPosted([], { quantity, documentNumber: `W99DP16303${String(index).padStart(4, '0')}` });
    if (kind === 'issue') {
      try {
        const event = issue(history, quantity);
        return { ...event, data: { ...event.data, documentNumber: `W99UN16306${String(index).padStart(4, '0')}` } } as StockEvent;
      } catch (error) {
        expect(error).toEqual(refusal('STOCK_INSUFFICIENT'));
        return undefined;
      }
    }
    const sequence = history.length === 0 ? 0 : pick % history.length;
    const original = history[sequence];
    return original === undefined ? undefined : reverse(history, original, sequence);
  }
});

/** As the reversal's decider would, seen from the ledger alone. */
function reverse(history: readonly StockEvent[], original: StockEvent, sequence: number): StockEvent | undefined {
  const stock = given(STOCK, ...history);
  if (stock.status === 'NONE' || stock.reversed.has(sequence)) return undefined;
  if (original.type !== 'MaterielReceiptPosted' && original.type !== 'MaterielIssued') return undefined;
  if (original.type === 'MaterielReceiptPosted' && (stock.onHand.get('A') ?? 0) < original.data.quantity) return undefined;
  return {
    type: 'TransactionReversed',
    data: {
      ...original.data,
      original: { ...namedRecord(`stock/${RIC}/129999901`, sequence), type: original.type },
      reason: 'wrong entry',
      piid: '',
      shipmentNumber: '',
      clin: '',
      tcn: '',
      piece: 0,
    },
  };
}

function change(event: StockEvent): number {
  switch (event.type) {
    case 'MaterielReceiptPosted':
      return event.data.quantity;
    case 'MaterielIssued':
      return -event.data.quantity;
    case 'TransactionReversed':
      return event.data.original.type === 'MaterielIssued' ? event.data.quantity : -event.data.quantity;
    default:
      return 0;
  }
}
