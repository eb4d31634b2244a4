import { describe, expect, it } from '@jest/globals';
import { activated, drafted, signed, UIIS } from '../agreement/agreement.builders.js';
import { AGREEMENT } from '../agreement/agreement.js';
import { given, PIID, placedOrder } from '../order/order.builders.js';
import { NOTICE, noticeSent } from './shipment-notice.builders.js';
import { SHIPMENT_NOTICE } from './shipment-notice.js';
import { SHIPPED_ITEM, type ShippedItemState } from './shipped-item.js';
import { submitShipmentNotice, type SupplyState } from './submit-shipment-notice.decider.js';

const fresh: SupplyState = {
  order: placedOrder(),
  agreement: given(AGREEMENT, drafted, signed, activated),
  notice: given(SHIPMENT_NOTICE),
  items: new Map<string, ShippedItemState>(),
};
const announced = given(SHIPPED_ITEM, {
  type: 'ItemAnnounced',
  data: { uii: UIIS[2]!, piid: PIID, clin: '0001', shipmentNumber: 'SER0000' },
});
const shipped = (quantity: number): SupplyState => ({
  ...fresh,
  order: placedOrder({ type: 'OrderLineShipped', data: { piid: PIID, clin: '0001', shipmentNumber: 'SER0000', quantity } }),
});

describe('when the agreement is active', () => {
  it('announces the shipment, uses up the line and claims every UII', () => {
    const result = submitShipmentNotice(fresh, NOTICE);
    expect(result.notice).toEqual(noticeSent());
    expect(result.line.data).toEqual({ piid: PIID, clin: '0001', shipmentNumber: 'SER0001', quantity: 4 });
    expect(result.items.map(({ data }) => data.uii)).toEqual(UIIS);
  });

  const repeated = [...NOTICE.items.slice(0, 3), NOTICE.items[0]!];
  it.each([
    ['a line the order does not have', fresh, { ...NOTICE, clin: '0002' }, 'LINE_UNKNOWN', 'clin'],
    ['another unit of issue', fresh, { ...NOTICE, unitOfIssue: 'BX' }, 'UNIT_OF_ISSUE_DIFFERS', 'unit_of_issue'],
    ['a quantity that is not the number of items', fresh, { ...NOTICE, quantity: 3 }, 'QUANTITY_INVALID', 'quantity'],
    ['more than ordered', fresh, { ...NOTICE, quantity: 5, items: [] }, 'SHIPPED_EXCEEDS_ORDERED', 'quantity'],
    ['more than is left', shipped(1), NOTICE, 'SHIPPED_EXCEEDS_ORDERED', 'quantity'],
    ['a UII named twice', fresh, { ...NOTICE, items: repeated }, 'UII_ALREADY_ANNOUNCED', 'items[3].uii'],
    [
      'a UII of another notice',
      { ...fresh, items: new Map([[UIIS[2]!, announced]]) },
      NOTICE,
      'UII_ALREADY_ANNOUNCED',
      'items[2].uii',
    ],
    [
      'a notice sent before',
      { ...fresh, notice: given(SHIPMENT_NOTICE, noticeSent()) },
      NOTICE,
      'SHIPMENT_NOTICE_EXISTS',
      'shipment_number',
    ],
    [
      'an agreement that is only signed',
      { ...fresh, agreement: given(AGREEMENT, drafted, signed) },
      NOTICE,
      'AGREEMENT_NOT_ACTIVE',
      'piid',
    ],
  ])('refuses %s', (_case, state, command, code, field) => {
    expect(() => submitShipmentNotice(state, command)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ field }) }),
    );
  });

  it('announces the rest of a line, without items', () => {
    expect(submitShipmentNotice(shipped(3), { ...NOTICE, quantity: 1, items: [] }).line.data.quantity).toBe(1);
  });
});
