import type { ProjectedEvent } from '@countersign/event-log';
import { describe, expect, it } from '@jest/globals';
import { DEPOT, materielIssued, NIIN, OTHER_UII, receiptPosted, RIC, UII } from '../builders.js';
import type { StockEvent, TransactionReversed } from '../stock/stock-events.js';
import type { StorageEvent } from '../storage/storage.js';
import { balanceChanges, storageChange } from './stock-on-hand.projection.js';
import type { BalanceRow } from './stock-rows.js';

type Balance = Omit<BalanceRow, 'generation' | 'key'>;

function projected<Event extends StockEvent | StorageEvent>(key: string, event: Event): ProjectedEvent<Event> {
  return { position: 1n, streamId: `any/${key}`, key, event };
}

/** Rows after a history of one ledger. */
function after(...history: readonly StockEvent[]): ReadonlyMap<string, Balance | undefined> {
  const rows = new Map<string, Balance | undefined>();
  for (const { key, change } of history.flatMap((event) => balanceChanges(projected(`${RIC}/${NIIN}`, event))))
    rows.set(key, change(rows.get(key)));
  return rows;
}

function reversalOf({ type, data }: ReturnType<typeof receiptPosted | typeof materielIssued>): TransactionReversed {
  const original = { type, streamId: '', sequence: 0, position: '1', recordDigest: '' };
  return {
    type: 'TransactionReversed',
    data: { ...data, original, reason: 'wrong', piid: '', shipmentNumber: '', clin: '', tcn: '', piece: 1 },
  };
}

const quantities = (rows: ReadonlyMap<string, Balance | undefined>): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries([...rows].map(([key, row]) => [key, row?.onHand]));

describe('stock on hand', () => {
  const receipt = receiptPosted([UII, OTHER_UII]);

  it('rises by receipts and falls by issues, each in its condition', () => {
    const rows = after(receipt, receiptPosted([], { condition: 'F', quantity: 5 }), materielIssued());
    expect(quantities(rows)).toEqual({ [`${RIC}/${NIIN}/A`]: 1, [`${RIC}/${NIIN}/F`]: 5 });
    expect(rows.get(`${RIC}/${NIIN}/A`)).toEqual({ ric: RIC, nsn: `6615${NIIN}`, condition: 'A', unitOfIssue: 'EA', onHand: 1 });
  });

  it('follows reversals both ways', () => {
    expect(quantities(after(receipt, reversalOf(receipt)))).toEqual({ [`${RIC}/${NIIN}/A`]: 0 });
    const issue = materielIssued();
    expect(quantities(after(receipt, issue, reversalOf(issue)))).toEqual({ [`${RIC}/${NIIN}/A`]: 2 });
  });

  it('is of the organisation that the RIC belongs to now', () => {
    const holding = { ric: RIC, organisationId: DEPOT };
    const noted = storageChange(projected(RIC, { type: 'StorageNoted', data: holding }));
    const withdrawn = storageChange(projected(RIC, { type: 'StorageWithdrawn', data: holding }));
    expect(noted.change(undefined)).toEqual({ organisationId: DEPOT });
    expect(withdrawn.change({ organisationId: DEPOT })).toBeUndefined();
  });
});
