import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { given, materielIssued, namedRecord, NSN, receiptPosted, RIC } from '../builders.js';
import { heldQuantity, type OpenStock } from './ledger.js';
import type { StockEvent } from './stock-events.js';
import { STOCK } from './stock.js';

const UIIS = ['D1', 'D2', 'D3', 'D4'];
const SOME = fc.subarray(UIIS, { minLength: 1 });
const CONDITION = fc.constantFrom('A', 'F', 'L');
const units = (uiis: readonly string[]) => ({ ric: RIC, nsn: NSN, uiis, hold: 'SUSPECT_COUNTERFEIT' as const });
const moved = (uiis: readonly string[], condition: string) => ({ condition, quantity: uiis.length });

/** Any events, also in orders that no decider would make: what is counted must be what is there. */
const EVENT: fc.Arbitrary<StockEvent> = fc.oneof(
  fc.tuple(SOME, CONDITION).map(([uiis, condition]) => receiptPosted(uiis, moved(uiis, condition))),
  fc.tuple(SOME, CONDITION).map(([uiis, condition]) => materielIssued(uiis, moved(uiis, condition))),
  fc.tuple(SOME, CONDITION).map(([uiis, condition]) => reversalOf(uiis, condition)),
  SOME.map((uiis) => suspects(uiis)),
  SOME.map((uiis): StockEvent => ({ type: 'UnitsHeld', data: units(uiis) })),
  SOME.map((uiis): StockEvent => ({ type: 'UnitsFreed', data: units(uiis) })),
);

function suspects(uiis: readonly string[]): StockEvent {
  const { data } = receiptPosted(uiis, { documentNumber: 'W99DP163040001' });
  return {
    type: 'SuspectMaterielPosted',
    data: { ...data, condition: 'L', quantity: uiis.length, reasons: uiis.map(() => 'ALREADY_KNOWN' as const) },
  };
}

function reversalOf(uiis: readonly string[], condition: string): StockEvent {
  const { data } = receiptPosted(uiis, moved(uiis, condition));
  const subject = { tcn: '', piece: 0, reason: 'keyed twice' };
  return {
    type: 'TransactionReversed',
    data: { ...data, ...subject, original: { ...namedRecord('stock/Z9D/129999901', 0), type: 'MaterielReceiptPosted' } },
  };
}

/** Counts by looking at everything, as the ledger did before it kept counts. */
function countedHeld(stock: OpenStock, condition: string): number {
  const known = [...stock.held].filter((uii) => stock.items.get(uii) === condition).length;
  const suspect = [...stock.suspects].reduce((sum, [, count]) => sum + count, 0);
  return known + (condition === 'L' ? suspect : 0);
}

describe('The ledger', () => {
  it('knows how much is held without looking at every item', () => {
    fc.assert(
      fc.property(fc.array(EVENT, { minLength: 1, maxLength: 40 }), (history) => {
        const stock = given(STOCK, ...history);
        if (stock.status === 'NONE') throw new Error('no ledger');
        for (const condition of ['A', 'F', 'L']) expect(heldQuantity(stock, condition)).toBe(countedHeld(stock, condition));
      }),
    );
  });

  it('takes an event into a long ledger at the cost of a short one, and leaves the state before it as it was', () => {
    const receipt = (index: number): StockEvent =>
      receiptPosted([`D${index}`], { documentNumber: `W99DP${String(index).padStart(9, '0')}` });
    const receipts = Array.from({ length: 20_000 }, (_, index) => receipt(index));
    const [short, long] = [given(STOCK, ...receipts.slice(0, 10)), given(STOCK, ...receipts)];
    const microsecondsOf = (stock: typeof short): number => {
      const { user } = process.cpuUsage();
      for (let index = 0; index < 2_000; index += 1) STOCK.evolve(stock, receipt(30_000 + index));
      return process.cpuUsage().user - user;
    };
    microsecondsOf(short); // Compiles.
    const [ofShort, ofLong] = [microsecondsOf(short), microsecondsOf(long)];
    // Copying 20,000 entries for each event costs some thousand times as much; a balanced tree a few times.
    expect(ofLong).toBeLessThan(50 * Math.max(ofShort, 1_000));
    expect(long.status === 'OPEN' && [long.items.size, long.onHand.get('A')]).toEqual([20_000, 20_000]);
  });
});
