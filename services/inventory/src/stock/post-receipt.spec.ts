import { describe, expect, it } from '@jest/globals';
import type { AssetEvent } from '../asset/asset.js';
import { ASSET } from '../asset/asset.js';
import { presentAsset } from '../asset/present-asset.decider.js';
import * as builders from '../builders.js';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { DUE_IN } from '../due-in/due-in.js';
import { postReceipt, type PostReceipt, type Received, type ReceivingState } from './post-receipt.decider.js';
import { STOCK } from './stock.js';

const { given, UII, OTHER_UII, receiptOf, receiptPosted, itemRegistered, shipmentExpected, assetDueIn, assetReceived } = builders;

const REGISTERED = given(CATALOGUE_ITEM, itemRegistered());
const EXPECTED = given(DUE_IN, shipmentExpected([UII, OTHER_UII]));

function receive(
  command: PostReceipt,
  histories: Readonly<Record<string, readonly AssetEvent[]>> = {},
  change: Partial<ReceivingState> = {},
): Received {
  const dueIn = change.dueIn === undefined ? EXPECTED : change.dueIn;
  const expectedCage = dueIn?.status === 'EXPECTED' ? dueIn.supplierCage : '';
  const presented = command.items.map(({ uii, parts }) => ({
    uii,
    presentation: presentAsset(given(ASSET, ...(histories[uii] ?? [])), { ...command, uii, parts, expectedCage }),
  }));
  return postReceipt({ item: REGISTERED, stock: given(STOCK), presented, ...change, dueIn }, command);
}

const refusal = (code: string, field: string): object =>
  expect.objectContaining({ code, detail: expect.objectContaining({ field }) });

describe('when announced items arrive from their supplier', () => {
  const announced = { [UII]: [assetDueIn(UII)], [OTHER_UII]: [assetDueIn(OTHER_UII)] };

  it('posts one receipt for all of them and takes them off the due-in', () => {
    const received = receive(receiptOf([UII, OTHER_UII]), announced);
    expect(received.stock).toEqual([receiptPosted([UII, OTHER_UII])]);
    expect(received.dueIn).toEqual([
      expect.objectContaining({ type: 'DueInReceived', data: expect.objectContaining({ quantity: 2, uiis: [UII, OTHER_UII] }) }),
    ]);
    expect(received.suspectUiis).toEqual([]);
  });

  it('keeps as many items at the position as are on hand', () => {
    const stock = given(STOCK, ...receive(receiptOf([UII, OTHER_UII]), announced).stock);
    if (stock.status === 'NONE') throw new Error('nothing was posted');
    expect([...stock.onHand]).toEqual([['A', 2]]);
    expect([...stock.items.keys()]).toEqual([UII, OTHER_UII]);
  });

  it.each<[string, Partial<PostReceipt>, string, string]>([
    ['another unit of issue', { unitOfIssue: 'BX' }, 'UNIT_OF_ISSUE_DIFFERS', 'unit_of_issue'],
    ['a balance in S', { condition: 'S' }, 'CONDITION_NOT_STOCKED', 'condition'],
    [
      'a quantity that is not the number of items',
      { quantity: 3 as PostReceipt['quantity'] },
      'ITEMS_DIFFER_FROM_QUANTITY',
      'items',
    ],
    ['an item scanned twice', { items: [UII, UII].map((uii) => ({ uii, parts: null })) }, 'FIELD_INVALID', 'items[1].uii'],
    ['a receipt from procurement without supplier', { supplierCage: '' }, 'FIELD_MISSING', 'supplier_cage'],
    ['another place than the announced one', { ric: 'Z9E' }, 'DUE_IN_DIFFERS', 'ric'],
  ])('refuses %s', (_case, change, code, field) => {
    expect(() => receive(receiptOf([UII, OTHER_UII], change), announced)).toThrow(refusal(code, field));
  });

  it('refuses an item that is not registered', () => {
    expect(() => receive(receiptOf([UII]), announced, { item: given(CATALOGUE_ITEM) })).toThrow(refusal('ITEM_UNKNOWN', 'nsn'));
  });

  it('refuses a shipment that nobody announced', () => {
    expect(() => receive(receiptOf([UII]), {}, { dueIn: given(DUE_IN) })).toThrow(refusal('DUE_IN_UNKNOWN', 'shipment_number'));
  });

  it('tells nobody of a shipment to another organisation', () => {
    const command = receiptOf([UII], { organisationId: 'pol-depot', ric: 'Z8D' });
    expect(() => receive(command, announced)).toThrow(refusal('DUE_IN_UNKNOWN', 'shipment_number'));
  });

  it('refuses another item than the announced one', () => {
    const other = given(CATALOGUE_ITEM, itemRegistered({ nsn: '6615129999902' }));
    expect(() => receive(receiptOf([UII]), announced, { item: other })).toThrow(refusal('DUE_IN_DIFFERS', 'nsn'));
  });
});

describe('when a document number with suffix is posted', () => {
  const stock = given(STOCK, receiptPosted([UII]));

  it('refuses to post it again', () => {
    expect(() => receive(receiptOf([OTHER_UII]), {}, { stock })).toThrow(refusal('RECEIPT_EXISTS', 'document_number'));
  });

  it('posts another suffix, and the same number of another decade', () => {
    expect(receive(receiptOf([OTHER_UII], { suffix: 'B' }), {}, { stock }).stock).toHaveLength(1);
    expect(receive(receiptOf([OTHER_UII], { year: 2036 }), {}, { stock }).stock).toHaveLength(1);
  });
});

describe('when a second parcel presents a UII that is in stock', () => {
  const broker = receiptOf([UII], {
    documentNumber: 'W99DP163040001' as PostReceipt['documentNumber'],
    supplierCage: '9Z9Z9',
    piid: '',
    shipmentNumber: '',
  });
  const inStock = [assetDueIn(), assetReceived()];
  const before = given(STOCK, receiptPosted([UII]));
  const received = receive(broker, { [UII]: inStock }, { stock: before, dueIn: null });

  it('takes it in as evidence in condition L, as no receipt', () => {
    expect(received.stock).toEqual([
      expect.objectContaining({
        type: 'SuspectMaterielPosted',
        data: expect.objectContaining({
          condition: 'L',
          quantity: 1,
          uiis: [UII],
          reasons: ['ALREADY_KNOWN'],
          supplierCage: '9Z9Z9',
        }),
      }),
    ]);
    expect(received.dueIn).toEqual([]);
    expect(received.suspectUiis).toEqual([UII]);
  });

  it('holds the item that was known first', () => {
    expect(received.holdElsewhere).toEqual([{ uii: UII, ric: 'Z9D', nsn: builders.NSN }]);
  });

  it('never increases what can be issued', () => {
    const held = {
      type: 'UnitsHeld',
      data: { ric: 'Z9D', nsn: builders.NSN, uiis: [UII], hold: 'SUSPECT_COUNTERFEIT' },
    } as const;
    const after = given(STOCK, receiptPosted([UII]), ...received.stock, held);
    if (after.status === 'NONE') throw new Error('nothing was posted');
    expect([...after.onHand]).toEqual([
      ['A', 1],
      ['L', 1],
    ]);
    expect(after.items.get(UII)).toBe('A');
    expect(after.held.has(UII)).toBe(true);
  });

  it('uses its document number up', () => {
    const after = given(STOCK, receiptPosted([UII]), ...received.stock);
    expect(() => receive(broker, { [UII]: inStock }, { stock: after, dueIn: null })).toThrow(
      refusal('RECEIPT_EXISTS', 'document_number'),
    );
  });
});

describe('when a parcel holds genuine and suspect items', () => {
  it('posts the genuine ones and takes the others in apart', () => {
    const received = receive(receiptOf([UII, OTHER_UII]), {
      [UII]: [assetDueIn(), assetReceived()],
      [OTHER_UII]: [assetDueIn(OTHER_UII)],
    });
    expect(received.stock.map(({ type }) => type)).toEqual(['MaterielReceiptPosted', 'SuspectMaterielPosted']);
    expect(received.stock[0]?.data).toMatchObject({ quantity: 1, uiis: [OTHER_UII] });
    expect(received.dueIn[0]?.data).toMatchObject({ quantity: 1, uiis: [OTHER_UII] });
  });
});

describe('when a parcel names an expected shipment but comes from somebody else', () => {
  it('takes serialised items in as suspect, known or not', () => {
    const received = receive(receiptOf([UII, OTHER_UII], { supplierCage: '9Z9Z9' }), { [UII]: [assetDueIn()] });
    expect(received.stock).toEqual([expect.objectContaining({ type: 'SuspectMaterielPosted' })]);
    expect(received.stock[0]?.data).toMatchObject({ reasons: ['SUPPLIER_DIFFERS', 'SUPPLIER_DIFFERS'] });
    expect(received.dueIn).toEqual([]);
  });

  it('refuses bulk, which has no mark to follow', () => {
    const bulk = given(CATALOGUE_ITEM, itemRegistered({ serialManaged: false }));
    const command = receiptOf([], { quantity: 10 as PostReceipt['quantity'], supplierCage: '9Z9Z9' });
    expect(() => receive(command, {}, { item: bulk })).toThrow(refusal('DUE_IN_DIFFERS', 'supplier_cage'));
  });
});

describe('when the announced item is held before it arrives', () => {
  it('posts it and holds it at once', () => {
    const received = receive(receiptOf([UII]), { [UII]: [assetDueIn(), builders.holdPlaced()] });
    expect(received.stock.map(({ type }) => type)).toEqual(['MaterielReceiptPosted', 'UnitsHeld']);
  });
});

describe('when the item is not serial-managed', () => {
  const bulk = given(CATALOGUE_ITEM, itemRegistered({ serialManaged: false }));

  it('posts its quantity without items', () => {
    const command = receiptOf([], {
      quantity: 10 as PostReceipt['quantity'],
      documentIdentifier: 'D6',
      piid: '',
      shipmentNumber: '',
      supplierCage: '',
    });
    expect(receive(command, {}, { item: bulk, dueIn: null }).stock).toEqual([
      expect.objectContaining({ type: 'MaterielReceiptPosted', data: expect.objectContaining({ quantity: 10, uiis: [] }) }),
    ]);
  });

  it('refuses items', () => {
    expect(() => receive(receiptOf([UII]), {}, { item: bulk })).toThrow(refusal('ITEMS_DIFFER_FROM_QUANTITY', 'items'));
  });
});
