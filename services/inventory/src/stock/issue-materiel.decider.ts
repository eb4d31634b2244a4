import {
  DomainError,
  isIssuable,
  type DocumentNumber,
  type Nsn,
  type Quantity,
  type SupplyCondition,
  type UnitOfIssue,
} from '@countersign/kernel';
import type { CatalogueState } from '../catalogue/catalogue-item.js';
import type { CustodyHeld, CustodyState } from '../custody/custody.js';
import type { OpenReleaseOrder, ReleaseOrderIssued, ReleaseOrderState } from '../release-order/release-order.js';
import { heldQuantity, postingKey, type OpenStock, type StockState } from './ledger.js';
import type { MaterielIssued } from './stock-events.js';

export interface IssueMateriel {
  readonly ric: string;
  readonly nsn: Nsn;
  readonly documentNumber: DocumentNumber;
  readonly year: number;
  readonly suffix: string;
  readonly condition: SupplyCondition;
  readonly quantity: Quantity;
  readonly unitOfIssue: UnitOfIssue;
  readonly uiis: readonly string[];
  readonly tcn: string;
  readonly piece: number;
  readonly organisationId: string;
}

export interface IssuingState {
  readonly item: CatalogueState;
  readonly stock: StockState;
  readonly releaseOrder: ReleaseOrderState;
  readonly custody: CustodyState;
}

export interface Issued {
  readonly stock: MaterielIssued;
  readonly releaseOrder: ReleaseOrderIssued;
  readonly custody: CustodyHeld;
}

/**
 * @throws DomainError ITEM_UNKNOWN, UNIT_OF_ISSUE_DIFFERS, RELEASE_ORDER_UNKNOWN, RELEASE_ORDER_DIFFERS, RELEASE_ORDER_EXCEEDED,
 *   CONDITION_NOT_ISSUABLE, ITEMS_DIFFER_FROM_QUANTITY, ASSET_NOT_IN_STOCK, ASSET_HELD, STOCK_INSUFFICIENT, ISSUE_EXISTS, SHIPMENT_UNIT_EXISTS
 */
export function issueMateriel(state: IssuingState, command: IssueMateriel): Issued {
  requireItem(state.item, command);
  const order = requireReleased(state.releaseOrder, command);
  const nsn = requireOnHand(state.stock, command).nsn;
  if (state.custody.status !== 'NONE' && state.custody.status !== 'VOIDED')
    throw new DomainError('SHIPMENT_UNIT_EXISTS', { field: 'tcn' });

  const { documentNumber, year, suffix, quantity, unitOfIssue, uiis, tcn, piece, organisationId } = command;
  const { requisitioner } = order;
  return {
    stock: { type: 'MaterielIssued', data: { ...command, nsn, documentIdentifier: 'D7', requisitioner } },
    releaseOrder: { type: 'ReleaseOrderIssued', data: { documentNumber, suffix, quantity, tcn } },
    custody: {
      type: 'CustodyHeld',
      data: { tcn, piece, uiis, holder: organisationId, requisitioner, documentNumber, year, nsn, quantity, unitOfIssue },
    },
  };
}

function requireItem(item: CatalogueState, command: IssueMateriel): void {
  if (item.status === 'NONE') throw new DomainError('ITEM_UNKNOWN', { field: 'nsn' });
  if (item.unitOfIssue !== command.unitOfIssue) throw new DomainError('UNIT_OF_ISSUE_DIFFERS', { field: 'unit_of_issue' });
  const expected = item.serialManaged ? command.quantity : 0;
  if (command.uiis.length !== expected) throw new DomainError('ITEMS_DIFFER_FROM_QUANTITY', { field: 'uiis' });
  if (new Set(command.uiis).size !== command.uiis.length)
    throw new DomainError('FIELD_INVALID', { field: 'uiis', rule: 'every item stands once' });
}

function requireReleased(order: ReleaseOrderState, command: IssueMateriel): OpenReleaseOrder {
  if (order.status === 'NONE' || isForeign(order, command))
    throw new DomainError('RELEASE_ORDER_UNKNOWN', { field: 'document_number' });
  if (order.ric !== command.ric) throw new DomainError('RELEASE_ORDER_DIFFERS', { field: 'ric' });
  if (order.nsn.slice(4) !== command.nsn.slice(4)) throw new DomainError('RELEASE_ORDER_DIFFERS', { field: 'nsn' });
  if (order.unitOfIssue !== command.unitOfIssue) throw new DomainError('RELEASE_ORDER_DIFFERS', { field: 'unit_of_issue' });
  if (order.issued + command.quantity > order.quantity) throw new DomainError('RELEASE_ORDER_EXCEEDED', { field: 'quantity' });
  return order;
}

/** A release to another organisation is as if it were not there. */
function isForeign(order: OpenReleaseOrder, { ric, organisationId }: IssueMateriel): boolean {
  return order.ric !== ric && order.storer !== organisationId;
}

/** Invariants I1 (never below zero), I2 (only A, B, C; nothing held) and I3 (the items are those on hand). */
function requireOnHand(stock: StockState, command: IssueMateriel): OpenStock {
  if (!isIssuable(command.condition)) throw new DomainError('CONDITION_NOT_ISSUABLE', { field: 'condition' });
  if (stock.status === 'NONE') throw new DomainError('STOCK_INSUFFICIENT', { field: 'quantity' });
  const key = postingKey('issue', command.documentNumber, command.year, command.suffix);
  if (stock.postingKeys.has(key)) throw new DomainError('ISSUE_EXISTS', { field: 'suffix' });
  for (const [index, uii] of command.uiis.entries()) {
    if (stock.items.get(uii) !== command.condition) throw new DomainError('ASSET_NOT_IN_STOCK', { field: `uiis[${index}]` });
    if (stock.held.has(uii)) throw new DomainError('ASSET_HELD', { field: `uiis[${index}]` });
  }
  const free = (stock.onHand.get(command.condition) ?? 0) - heldQuantity(stock, command.condition);
  if (free < command.quantity) throw new DomainError('STOCK_INSUFFICIENT', { field: 'quantity' });
  return stock;
}
