import {
  DomainError,
  niinOf,
  type DocumentNumber,
  type Nsn,
  type Quantity,
  type SupplyCondition,
  type UiiParts,
  type UnitOfIssue,
} from '@countersign/kernel';
import type { CloneReason } from '../asset/asset.js';
import type { Presentation } from '../asset/present-asset.decider.js';
import type { CatalogueState, RegisteredItem } from '../catalogue/catalogue-item.js';
import type { DueInEvent, DueInState, ExpectedShipment } from '../due-in/due-in.js';
import { postingKey, type StockState } from './ledger.js';
import type { MaterielReceiptPosted, StockEvent, UnitsHeld } from './stock-events.js';

export interface ScannedItem {
  readonly uii: string;
  /** Null if the mark does not tell them. */
  readonly parts: UiiParts | null;
}

export interface PostReceipt {
  readonly ric: string;
  readonly nsn: Nsn;
  readonly documentIdentifier: 'D4' | 'D6';
  readonly documentNumber: DocumentNumber;
  readonly year: number;
  readonly suffix: string;
  readonly condition: SupplyCondition;
  readonly quantity: Quantity;
  readonly unitOfIssue: UnitOfIssue;
  readonly items: readonly ScannedItem[];
  readonly supplierCage: string;
  readonly piid: string;
  readonly shipmentNumber: string;
  readonly organisationId: string;
  readonly postedBy: string;
  readonly eventTime: string;
}

/** A scanned item with the verdict on it. */
export interface Presented {
  readonly uii: string;
  readonly presentation: Presentation;
}

export interface ReceivingState {
  readonly item: CatalogueState;
  readonly stock: StockState;
  /** Of the shipment that the parcel names; null if it names none. */
  readonly dueIn: DueInState | null;
  /** What the marks say, one verdict for each scanned item, in order. */
  readonly presented: readonly Presented[];
}

export interface Received {
  readonly stock: readonly StockEvent[];
  readonly dueIn: readonly DueInEvent[];
  /** Items known first under a suspect's UII that are in stock and must be held there too. */
  readonly holdElsewhere: readonly { readonly uii: string; readonly ric: string; readonly nsn: string }[];
  readonly suspectUiis: readonly string[];
}

/**
 * @throws DomainError ITEM_UNKNOWN, UNIT_OF_ISSUE_DIFFERS, CONDITION_NOT_STOCKED, ITEMS_DIFFER_FROM_QUANTITY, FIELD_INVALID,
 *   FIELD_MISSING, RECEIPT_EXISTS, DUE_IN_UNKNOWN, DUE_IN_DIFFERS
 */
export function postReceipt(state: ReceivingState, command: PostReceipt): Received {
  const item = requireItem(state.item, command);
  requireNewEntry(state.stock, command);
  requireSupplier(command);
  const dueIn = requireFit(state.dueIn, item, command);
  const { presented } = state;
  const genuine = presented.filter(({ presentation }) => presentation.verdict === 'GENUINE');
  const quantity = command.quantity - (presented.length - genuine.length);
  const uiis = genuine.map(({ uii }) => uii);
  return {
    stock: stockEvents(entryOf(command, item, dueIn), quantity, presented),
    dueIn: dueIn === null || quantity === 0 ? [] : [dueInReceived(command, quantity, uiis)],
    holdElsewhere: presented.flatMap(({ presentation }) => holdOfKnown(presentation)),
    suspectUiis: presented.filter(({ presentation }) => presentation.verdict === 'SUSPECT').map(({ uii }) => uii),
  };
}

type ReceiptEntry = Omit<MaterielReceiptPosted['data'], 'quantity' | 'uiis'>;

function requireItem(item: CatalogueState, command: PostReceipt): RegisteredItem {
  if (item.status === 'NONE') throw new DomainError('ITEM_UNKNOWN', { field: 'nsn' });
  if (item.unitOfIssue !== command.unitOfIssue) throw new DomainError('UNIT_OF_ISSUE_DIFFERS', { field: 'unit_of_issue' });
  const expected = item.serialManaged ? command.quantity : 0;
  if (command.items.length !== expected) throw new DomainError('ITEMS_DIFFER_FROM_QUANTITY', { field: 'items' });
  requireScannedOnce(command.items.map(({ uii }) => uii));
  return item;
}

function requireScannedOnce(uiis: readonly string[]): void {
  const repeated = uiis.findIndex((uii, index) => uiis.indexOf(uii) !== index);
  if (repeated >= 0)
    throw new DomainError('FIELD_INVALID', { field: `items[${repeated}].uii`, rule: 'every item is scanned once' });
}

/** Invariants I4 (nothing is kept in S) and I6 (a document number with suffix is posted once). */
function requireNewEntry(stock: StockState, command: PostReceipt): void {
  if (command.condition === 'S') throw new DomainError('CONDITION_NOT_STOCKED', { field: 'condition' });
  const key = postingKey('receipt', command.documentNumber, command.year, command.suffix);
  if (stock.status === 'OPEN' && stock.postingKeys.has(key))
    throw new DomainError('RECEIPT_EXISTS', { field: 'document_number' });
}

function requireSupplier({ documentIdentifier, supplierCage }: PostReceipt): void {
  if (documentIdentifier === 'D4' && supplierCage === '')
    throw new DomainError('FIELD_MISSING', { field: 'supplier_cage', rule: 'a receipt from procurement names the supplier' });
}

function requireFit(dueIn: DueInState | null, item: RegisteredItem, command: PostReceipt): ExpectedShipment | null {
  if (dueIn === null) return null;
  if (dueIn.status === 'NONE' || isForeign(dueIn, command)) throw new DomainError('DUE_IN_UNKNOWN', { field: 'shipment_number' });
  const sameItem = dueIn.nsn.slice(4) === niinOf(item.nsn as Nsn);
  if (!sameItem || dueIn.ric !== command.ric) throw new DomainError('DUE_IN_DIFFERS', { field: sameItem ? 'ric' : 'nsn' });
  // A parcel of serialised items from somebody else is taken in as suspect; nothing tells bulk from bulk.
  if (!item.serialManaged && dueIn.supplierCage !== command.supplierCage)
    throw new DomainError('DUE_IN_DIFFERS', { field: 'supplier_cage' });
  return dueIn;
}

/** A shipment to another organisation is as if it were not there. */
function isForeign(dueIn: ExpectedShipment, { ric, organisationId }: PostReceipt): boolean {
  return dueIn.ric !== ric && dueIn.consignee !== organisationId;
}

function entryOf(command: PostReceipt, item: RegisteredItem, dueIn: ExpectedShipment | null): ReceiptEntry {
  const { items: _items, quantity: _quantity, eventTime: _eventTime, ...entry } = command;
  return { ...entry, nsn: item.nsn, clin: dueIn?.clin ?? '' };
}

function stockEvents(entry: ReceiptEntry, quantity: number, presented: readonly Presented[]): readonly StockEvent[] {
  const uiis = presented.filter(({ presentation }) => presentation.verdict === 'GENUINE').map(({ uii }) => uii);
  const heldUiis = presented
    .filter(({ presentation }) => presentation.verdict === 'GENUINE' && presentation.held)
    .map(({ uii }) => uii);
  const suspects = presented.flatMap(({ uii, presentation }) =>
    presentation.verdict === 'SUSPECT' ? [{ uii, reason: presentation.reason }] : [],
  );
  const { ric, nsn } = entry;
  return [
    ...(quantity > 0 ? [{ type: 'MaterielReceiptPosted', data: { ...entry, quantity, uiis } } as const] : []),
    ...(heldUiis.length > 0 ? [unitsHeld({ ric, nsn, uiis: heldUiis })] : []),
    ...(suspects.length > 0 ? [suspectPosted(entry, suspects)] : []),
  ];
}

/** The only reason for a hold so far. */
function unitsHeld(units: Omit<UnitsHeld['data'], 'hold'>): UnitsHeld {
  return { type: 'UnitsHeld', data: { ...units, hold: 'SUSPECT_COUNTERFEIT' } };
}

function suspectPosted(
  entry: ReceiptEntry,
  suspects: readonly { readonly uii: string; readonly reason: CloneReason }[],
): StockEvent {
  const uiis = suspects.map(({ uii }) => uii);
  const reasons = suspects.map(({ reason }) => reason);
  return { type: 'SuspectMaterielPosted', data: { ...entry, condition: 'L', quantity: suspects.length, uiis, reasons } };
}

function dueInReceived(
  { piid, documentNumber, year, suffix }: PostReceipt,
  quantity: number,
  uiis: readonly string[],
): DueInEvent {
  return { type: 'DueInReceived', data: { piid, documentNumber, year, suffix, quantity, uiis } };
}

function holdOfKnown(presentation: Presentation): Received['holdElsewhere'] {
  if (presentation.verdict === 'GENUINE' || presentation.knownIn === null || presentation.knownIn.hold.kind !== 'NONE') return [];
  const { uii, ric, nsn } = presentation.knownIn;
  return [{ uii, ric, nsn }];
}
