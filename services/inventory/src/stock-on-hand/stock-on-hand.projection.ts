import { changeRows, type ProjectedEvent, type ProjectionDefinition, type RowChange } from '@countersign/event-log';
import { STOCK } from '../stock/stock.js';
import type { StockEvent } from '../stock/stock-events.js';
import { STORAGE, type StorageEvent } from '../storage/storage.js';
import { BalanceRow, StorageRow } from './stock-rows.js';

type StorageProjected = ProjectedEvent<StorageEvent>;
type StockProjected = ProjectedEvent<StockEvent>;

/** Name of the read model. */
export const STOCK_ON_HAND = 'stock-on-hand';

/** Quantities of every ledger by supply condition, and whose the ledgers are. */
export const stockOnHand: ProjectionDefinition<StockEvent | StorageEvent> = {
  name: STOCK_ON_HAND,
  version: 1,
  tables: [StorageRow, BalanceRow],
  streams: [STORAGE, STOCK],
  groups: ['logistics'],
  project: async (events, scope) => {
    await changeRows(scope, StorageRow, events.filter(isOfStorage).map(storageChange));
    await changeRows(scope, BalanceRow, events.filter(isOfStock).flatMap(balanceChanges));
  },
};

/** Whose a RIC is. */
export function storageChange({ key, event }: StorageProjected): RowChange<StorageRow> {
  const { organisationId } = event.data;
  return { key, change: () => (event.type === 'StorageNoted' ? { organisationId } : undefined) };
}

/** What an entry of a ledger adds or takes. Holds move nothing. */
export function balanceChanges({ key, event }: StockProjected): readonly RowChange<BalanceRow>[] {
  switch (event.type) {
    case 'MaterielReceiptPosted':
    case 'SuspectMaterielPosted':
      return [balanceChange(key, event.data, event.data.quantity)];
    case 'MaterielIssued':
      return [balanceChange(key, event.data, -event.data.quantity)];
    case 'TransactionReversed': {
      const { quantity, original } = event.data;
      return [balanceChange(key, event.data, original.type === 'MaterielIssued' ? quantity : -quantity)];
    }
    case 'UnitsHeld':
    case 'UnitsFreed':
      return [];
  }
}

type Entry = Pick<BalanceRow, 'ric' | 'nsn' | 'condition' | 'unitOfIssue'>;

function balanceChange(ledger: string, { ric, nsn, condition, unitOfIssue }: Entry, quantity: number): RowChange<BalanceRow> {
  return {
    key: `${ledger}/${condition}`,
    change: (row) => ({ ric, nsn, condition, unitOfIssue, onHand: (row?.onHand ?? 0) + quantity }),
  };
}

function isOfStorage(projected: ProjectedEvent<StockEvent | StorageEvent>): projected is StorageProjected {
  return projected.event.type === 'StorageNoted' || projected.event.type === 'StorageWithdrawn';
}

function isOfStock(projected: ProjectedEvent<StockEvent | StorageEvent>): projected is StockProjected {
  return !isOfStorage(projected);
}
