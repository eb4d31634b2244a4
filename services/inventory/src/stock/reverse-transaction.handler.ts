import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal, OpenStream, UnitOfWork } from '@countersign/event-log';
import {
  documentKey,
  DomainError,
  niinOf,
  type CommandEnvelope,
  type DocumentNumber,
  type Nsn,
  type Quantity,
} from '@countersign/kernel';
import { openAssets } from '../asset/open-assets.js';
import { CUSTODY, custodyKey } from '../custody/custody.js';
import { DUE_IN, dueInKey } from '../due-in/due-in.js';
import { findContent, type ContentReader, type RecordReference } from '../record-reference.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';
import { requireStorage } from '../storage/require-storage.js';
import type { OpenStock, StockState } from './ledger.js';
import {
  findReversible,
  reverseIssue,
  reverseReceipt,
  type ReverseTransaction,
  type ReversibleEntry,
} from './reverse-transaction.decider.js';
import type { MaterielIssued, MaterielReceiptPosted, StockEvent } from './stock-events.js';
import { STOCK, stockKey } from './stock.js';

export interface ReversalStatement {
  readonly ric: string;
  readonly nsn: Nsn;
  readonly original: RecordReference;
  readonly quantity: Quantity;
  readonly reason: string;
}

export class ReverseTransactionHandler {
  constructor(
    private readonly journal: Journal,
    private readonly records: ContentReader,
  ) {}

  /** @throws DomainError PERMISSION_DENIED, STORAGE_UNKNOWN, and what `findContent` and the deciders throw */
  async handle(
    envelope: CommandEnvelope,
    { ric, nsn, quantity, reason, ...statement }: ReversalStatement,
  ): Promise<CommandOutcome<null>> {
    requireRole(envelope.actor, 'item-manager');
    const key = stockKey(ric, niinOf(nsn));
    const original = await findContent(this.records, statement.original, 'original', { definition: STOCK, key });
    const command: ReverseTransaction = { original: original.record, quantity, reason };
    return this.journal.execute(envelope, async (unit) => {
      await requireStorage(unit, ric, envelope.actor);
      const stock = await unit.open(STOCK, key);
      if (stock.state.status === 'NONE') throw new DomainError('RECORD_REFERENCE_WRONG', { field: 'original' });
      stock.share(envelope.actor.organisationId);
      const entry = findReversible(stock.state, stock.streamId, original.events[0], command);
      await reverse(unit, stock, stock.state, entry, command);
      return null;
    });
  }
}

type Ledger = OpenStream<StockState, StockEvent>;

async function reverse(
  unit: UnitOfWork,
  stock: Ledger,
  state: OpenStock,
  entry: ReversibleEntry,
  command: ReverseTransaction,
): Promise<void> {
  if (entry.type === 'MaterielReceiptPosted') await undoReceipt(unit, stock, state, entry, command);
  else await undoIssue(unit, stock, entry, command);
}

async function undoReceipt(
  unit: UnitOfWork,
  stock: Ledger,
  state: OpenStock,
  entry: MaterielReceiptPosted,
  command: ReverseTransaction,
): Promise<void> {
  const reversal = reverseReceipt(state, entry, command);
  const assets = await openAssets(unit, entry.data.uiis);
  stock.append(reversal.stock);
  for (const [index, { asset }] of assets.entries()) asset.append(...reversal.assets.slice(index, index + 1));
  if (reversal.dueIn === null) return;
  const dueIn = await unit.open(DUE_IN, dueInKey(entry.data.piid, entry.data.shipmentNumber));
  dueIn.append(reversal.dueIn);
}

async function undoIssue(unit: UnitOfWork, stock: Ledger, entry: MaterielIssued, command: ReverseTransaction): Promise<void> {
  const { tcn, piece, documentNumber, year, uiis } = entry.data;
  const custody = await unit.open(CUSTODY, custodyKey(tcn, piece));
  const releaseOrder = await unit.open(RELEASE_ORDER, documentKey(documentNumber as DocumentNumber, year));
  const assets = await openAssets(unit, uiis);
  const reversal = reverseIssue(custody.state, entry, command);
  stock.append(reversal.stock);
  custody.append(reversal.custody);
  releaseOrder.append(reversal.releaseOrder);
  for (const [index, { asset }] of assets.entries()) asset.append(...reversal.assets.slice(index, index + 1));
}
