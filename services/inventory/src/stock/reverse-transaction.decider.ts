import { DomainError, type Quantity } from '@countersign/kernel';
import type { AssetIssueReversed, AssetReceiptReversed } from '../asset/asset.js';
import type { CustodyState, CustodyVoided } from '../custody/custody.js';
import type { DueInReceiptReversed } from '../due-in/due-in.js';
import type { NamedRecord } from '../named-record.js';
import type { ReleaseOrderIssueReversed } from '../release-order/release-order.js';
import type { OpenStock } from './ledger.js';
import type { MaterielIssued, MaterielReceiptPosted, StockEvent, TransactionReversed } from './stock-events.js';

/** What a reversal can take back. */
export type ReversibleEntry = MaterielReceiptPosted | MaterielIssued;

export interface ReverseTransaction {
  /** The record the caller names; found at its position, digest compared. */
  readonly original: NamedRecord;
  readonly quantity: Quantity;
  readonly reason: string;
}

export interface ReceiptReversal {
  readonly stock: TransactionReversed;
  /** Null if the receipt named no expected shipment. */
  readonly dueIn: DueInReceiptReversed | null;
  readonly assets: readonly AssetReceiptReversed[];
}

export interface IssueReversal {
  readonly stock: TransactionReversed;
  readonly releaseOrder: ReleaseOrderIssueReversed;
  readonly custody: CustodyVoided;
  readonly assets: readonly AssetIssueReversed[];
}

/**
 * The entry that a command names, if it may be reversed (global rule G1: equal quantity, once, and the original is named).
 * @param streamId of the ledger
 * @param entry what the named record says; undefined if it is none of this ledger's
 * @throws DomainError RECORD_REFERENCE_WRONG, TRANSACTION_NOT_REVERSIBLE, TRANSACTION_REVERSED, REVERSAL_QUANTITY_DIFFERS
 */
export function findReversible(
  stock: OpenStock,
  streamId: string,
  entry: StockEvent | undefined,
  command: ReverseTransaction,
): ReversibleEntry {
  if (command.original.streamId !== streamId) throw new DomainError('RECORD_REFERENCE_WRONG', { field: 'original' });
  if (entry?.type !== 'MaterielReceiptPosted' && entry?.type !== 'MaterielIssued')
    throw new DomainError('TRANSACTION_NOT_REVERSIBLE', { field: 'original' });
  if (stock.reversed.has(command.original.sequence)) throw new DomainError('TRANSACTION_REVERSED', { field: 'original' });
  if (entry.data.quantity !== command.quantity) throw new DomainError('REVERSAL_QUANTITY_DIFFERS', { field: 'quantity' });
  return entry;
}

/**
 * What was received by mistake goes out of the ledger again; it must still be there.
 * @throws DomainError STOCK_INSUFFICIENT, ASSET_NOT_IN_STOCK, ASSET_HELD
 */
export function reverseReceipt(stock: OpenStock, { data }: MaterielReceiptPosted, command: ReverseTransaction): ReceiptReversal {
  const { condition, quantity, uiis, piid, shipmentNumber, documentNumber, year, suffix } = data;
  if ((stock.onHand.get(condition) ?? 0) < quantity) throw new DomainError('STOCK_INSUFFICIENT', { field: 'quantity' });
  if (uiis.some((uii) => stock.items.get(uii) !== condition)) throw new DomainError('ASSET_NOT_IN_STOCK', { field: 'original' });
  if (uiis.some((uii) => stock.held.has(uii))) throw new DomainError('ASSET_HELD', { field: 'original' });
  const expected = piid !== '' && shipmentNumber !== '';
  return {
    stock: reversalOf(data, command, { type: 'MaterielReceiptPosted', piid, shipmentNumber, clin: data.clin, tcn: '', piece: 0 }),
    dueIn: expected ? { type: 'DueInReceiptReversed', data: { piid, documentNumber, year, suffix, quantity, uiis } } : null,
    assets: uiis.map((uii) => ({ type: 'AssetReceiptReversed', data: { uii, documentNumber } })),
  };
}

/**
 * What was issued by mistake is on hand again; it must not have left.
 * @throws DomainError CUSTODY_OFFER_OPEN, CUSTODY_MOVED
 */
export function reverseIssue(custody: CustodyState, { data }: MaterielIssued, command: ReverseTransaction): IssueReversal {
  if (custody.status === 'OFFERED') throw new DomainError('CUSTODY_OFFER_OPEN', { field: 'original' });
  if (custody.status !== 'HELD' || custody.holders.length > 1) throw new DomainError('CUSTODY_MOVED', { field: 'original' });
  const { tcn, piece, uiis, documentNumber, suffix, quantity } = data;
  return {
    stock: reversalOf(data, command, { type: 'MaterielIssued', piid: '', shipmentNumber: '', clin: '', tcn, piece }),
    releaseOrder: { type: 'ReleaseOrderIssueReversed', data: { documentNumber, suffix, quantity, tcn } },
    custody: { type: 'CustodyVoided', data: { tcn, piece, uiis, holder: custody.holder, documentNumber } },
    assets: uiis.map((uii) => ({ type: 'AssetIssueReversed', data: { uii, documentNumber } })),
  };
}

type Subject = Pick<TransactionReversed['data'], 'piid' | 'shipmentNumber' | 'clin' | 'tcn' | 'piece'> &
  Pick<TransactionReversed['data']['original'], 'type'>;

function reversalOf(
  entry: ReversibleEntry['data'],
  command: ReverseTransaction,
  { type, ...subject }: Subject,
): TransactionReversed {
  const { ric, nsn, documentIdentifier, documentNumber, year, suffix, condition, quantity, unitOfIssue, uiis, organisationId } =
    entry;
  return {
    type: 'TransactionReversed',
    data: {
      ...{ ric, nsn, documentIdentifier, documentNumber, year, suffix, condition, quantity, unitOfIssue, uiis, organisationId },
      ...subject,
      original: { ...command.original, type },
      reason: command.reason,
    },
  };
}
