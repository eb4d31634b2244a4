import { describe, expect, it } from '@jest/globals';
import type { Quantity } from '@countersign/kernel';
import {
  custodyAccepted,
  custodyHeld,
  custodyOffered,
  given,
  materielIssued,
  namedRecord,
  NSN,
  receiptPosted,
  RIC,
  UII,
} from '../builders.js';
import { CUSTODY } from '../custody/custody.js';
import type { OpenStock } from './ledger.js';
import { findReversible, reverseIssue, reverseReceipt, type ReverseTransaction } from './reverse-transaction.decider.js';
import type { StockEvent } from './stock-events.js';
import { STOCK } from './stock.js';

const LEDGER = 'stock/Z9D/129999901';

function ledger(...history: StockEvent[]): OpenStock {
  const stock = given(STOCK, ...history);
  if (stock.status === 'NONE') throw new Error('no ledger');
  return stock;
}

const naming = (sequence: number, change: Partial<ReverseTransaction> = {}): ReverseTransaction => ({
  original: namedRecord(LEDGER, sequence),
  quantity: 1 as Quantity,
  reason: 'keyed twice',
  ...change,
});
const refusal = (code: string): object => expect.objectContaining({ code });
const HELD: StockEvent = { type: 'UnitsHeld', data: { ric: RIC, nsn: NSN, uiis: [UII], hold: 'SUSPECT_COUNTERFEIT' } };

describe('when a receipt was a wrong entry', () => {
  const stock = ledger(receiptPosted());
  const reversal = reverseReceipt(stock, receiptPosted(), naming(0));

  it('reverses it by an event that names it and carries its quantity', () => {
    expect(findReversible(stock, LEDGER, receiptPosted(), naming(0))).toEqual(receiptPosted());
    expect(reversal.stock.data).toMatchObject({
      quantity: 1,
      uiis: [UII],
      original: { sequence: 0, type: 'MaterielReceiptPosted' },
    });
    expect(reversal.dueIn?.data).toMatchObject({ quantity: 1, uiis: [UII] });
    expect(reversal.assets.map(({ data }) => data.uii)).toEqual([UII]);
  });

  it('leaves nothing on hand and frees the document number', () => {
    const after = ledger(receiptPosted(), reversal.stock);
    expect(after.onHand.get('A')).toBe(0);
    expect(after.items.size).toBe(0);
    expect(after.postingKeys.size).toBe(0);
  });

  it('refuses to reverse it again, or to reverse the reversal', () => {
    const after = ledger(receiptPosted(), reversal.stock);
    expect(() => findReversible(after, LEDGER, receiptPosted(), naming(0))).toThrow(refusal('TRANSACTION_REVERSED'));
    expect(() => findReversible(after, LEDGER, reversal.stock, naming(1))).toThrow(refusal('TRANSACTION_NOT_REVERSIBLE'));
  });

  it.each<[string, Partial<ReverseTransaction>, StockEvent | undefined, string]>([
    ['another quantity', { quantity: 2 as Quantity }, receiptPosted(), 'REVERSAL_QUANTITY_DIFFERS'],
    ['a record of another ledger', { original: namedRecord('stock/Z9E/129999901', 0) }, undefined, 'RECORD_REFERENCE_WRONG'],
    ['a record that is no entry', { original: namedRecord(LEDGER, 9) }, undefined, 'TRANSACTION_NOT_REVERSIBLE'],
  ])('refuses %s', (_case, change, entry, code) => {
    expect(() => findReversible(stock, LEDGER, entry, naming(0, change))).toThrow(refusal(code));
  });

  it('refuses once the item was issued or is held', () => {
    expect(() => reverseReceipt(ledger(receiptPosted(), materielIssued()), receiptPosted(), naming(0))).toThrow(
      refusal('STOCK_INSUFFICIENT'),
    );
    expect(() => reverseReceipt(ledger(receiptPosted(), HELD), receiptPosted(), naming(0))).toThrow(refusal('ASSET_HELD'));
  });

  it('refuses once other items of the same quantity took its place', () => {
    const stockNow = ledger(receiptPosted(), materielIssued(), receiptPosted(['D2'], { suffix: 'B' }));
    expect(() => reverseReceipt(stockNow, receiptPosted(), naming(0))).toThrow(refusal('ASSET_NOT_IN_STOCK'));
  });
});

describe('when an issue was a wrong entry', () => {
  it('puts the items back and voids the shipment unit', () => {
    const reversal = reverseIssue(given(CUSTODY, custodyHeld()), materielIssued(), naming(1));
    const after = ledger(receiptPosted(), materielIssued(), reversal.stock);
    expect(after.onHand.get('A')).toBe(1);
    expect(after.items.get(UII)).toBe('A');
    expect(given(CUSTODY, custodyHeld(), reversal.custody)).toMatchObject({ status: 'VOIDED' });
  });

  it('refuses once custody was offered or has passed', () => {
    expect(() => reverseIssue(given(CUSTODY, custodyHeld(), custodyOffered()), materielIssued(), naming(1))).toThrow(
      refusal('CUSTODY_OFFER_OPEN'),
    );
    const passed = given(CUSTODY, custodyHeld(), custodyOffered(), custodyAccepted());
    expect(() => reverseIssue(passed, materielIssued(), naming(1))).toThrow(refusal('CUSTODY_MOVED'));
  });
});
