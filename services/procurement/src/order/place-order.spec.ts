import { describe, expect, it } from '@jest/globals';
import { given, orderPlaced, PARTIES, PIID } from './order.builders.js';
import { ORDER } from './order.js';
import { placeOrder, type PlaceOrder } from './place-order.decider.js';

const COMMAND: PlaceOrder = {
  piid: PIID,
  supplierCage: 'D9X91',
  shipTo: { dodaac: 'W99DP1', ric: 'Z9D' },
  parties: PARTIES,
  lines: [
    {
      clin: '0001',
      nsn: '6615-12-999-9901',
      partNumber: 'IMU7700-3',
      quantity: 4,
      unitOfIssue: 'EA',
      unitPrice: { amount: '48250.00', currency: 'EUR' },
    },
  ],
};
const LINE = COMMAND.lines[0]!;
const withLine = (change: Partial<typeof LINE>): PlaceOrder => ({ ...COMMAND, lines: [{ ...LINE, ...change }] });

describe('when there is no order', () => {
  const none = given(ORDER);

  it('places it, prices apart from lines', () => {
    expect(placeOrder(none, COMMAND)).toEqual(orderPlaced());
  });

  it.each([
    ['a malformed NSN', withLine({ nsn: '59O5-00-734-5199' }), 'FIELD_INVALID', 'lines[0].nsn'],
    ['an NCB outside the table', withLine({ nsn: '5905-10-734-5199' }), 'CODE_UNKNOWN', 'lines[0].nsn'],
    ['a negative quantity', withLine({ quantity: -4 }), 'QUANTITY_INVALID', 'lines[0].quantity'],
    ['an overflowing quantity', withLine({ quantity: 100_000_000 }), 'QUANTITY_INVALID', 'lines[0].quantity'],
    ['a unit that is in no table', withLine({ unitOfIssue: 'QQ' }), 'CODE_UNKNOWN', 'lines[0].unitOfIssue'],
    [
      'a malformed price',
      withLine({ unitPrice: { amount: '1,0', currency: 'EUR' } }),
      'FIELD_INVALID',
      'lines[0].unitPrice.amount',
    ],
    ['a line that stands twice', { ...COMMAND, lines: [LINE, LINE] }, 'FIELD_INVALID', 'lines'],
    ['a malformed PIID', { ...COMMAND, piid: 'W9IQUZ06D0020' }, 'FIELD_INVALID', 'piid'],
    [
      'a supplier that is the buyer',
      { ...COMMAND, parties: { ...PARTIES, supplier: PARTIES.buyer } },
      'SAME_ORGANISATION',
      'supplier.cage',
    ],
  ])('refuses %s', (_case, command, code, field) => {
    expect(() => placeOrder(none, command)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ field }) }),
    );
  });
});

describe('when the order is placed', () => {
  it('refuses a second one', () => {
    expect(() => placeOrder(given(ORDER, orderPlaced()), COMMAND)).toThrow(expect.objectContaining({ code: 'ORDER_EXISTS' }));
  });
});
