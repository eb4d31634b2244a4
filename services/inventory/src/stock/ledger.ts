import type { MaterielIssued, MaterielReceiptPosted, StockEvent } from './stock-events.js';

/** A receipt or an issue, as a reversal needs it. */
export interface Posting {
  readonly entry: MaterielReceiptPosted | MaterielIssued;
  readonly reversed: boolean;
}

export interface OpenStock {
  readonly status: 'OPEN';
  /** Number of events folded; the sequence of the next one. */
  readonly version: number;
  readonly nsn: string;
  /** Organisation the RIC belongs to. */
  readonly organisationId: string;
  /** By supply condition. Suspect items are in it. */
  readonly onHand: ReadonlyMap<string, number>;
  /** Condition of every serial-managed item on hand, by UII. */
  readonly items: ReadonlyMap<string, string>;
  /** How many suspect items of a UII were taken in. */
  readonly suspects: ReadonlyMap<string, number>;
  /** UIIs among `items` that must not be issued. */
  readonly held: ReadonlySet<string>;
  /** Receipts and issues by sequence. */
  readonly postings: ReadonlyMap<number, Posting>;
  /** Document numbers with suffix that are used up, see `postingKey`. */
  readonly postingKeys: ReadonlySet<string>;
}

export type StockState = { readonly status: 'NONE' } | OpenStock;

/** A document number with suffix is received once and issued once (invariant I6). */
export function postingKey(kind: 'receipt' | 'issue', documentNumber: string, year: number, suffix: string): string {
  return `${kind}/${documentNumber}/${year}/${suffix}`;
}

/** What may be issued without a waiver from these conditions: on hand without what is held. */
export function issuableQuantity(stock: OpenStock, conditions: readonly string[]): number {
  return conditions.reduce((sum, condition) => sum + (stock.onHand.get(condition) ?? 0) - heldQuantity(stock, condition), 0);
}

/** Items on hand in a condition that are held; a suspect item always is. */
export function heldQuantity(stock: OpenStock, condition: string): number {
  const known = [...stock.held].filter((uii) => stock.items.get(uii) === condition).length;
  return known + (condition === 'L' ? suspectQuantity(stock) : 0);
}

/** All suspect items are in condition L. */
function suspectQuantity(stock: OpenStock): number {
  return [...stock.suspects.values()].reduce((sum, count) => sum + count, 0);
}

export function evolveLedger(state: StockState, event: StockEvent): StockState {
  const stock = next(state, event);
  switch (event.type) {
    case 'MaterielReceiptPosted':
      return posted(takeIn(stock, event.data), event);
    case 'MaterielIssued':
      return posted(takeOut(stock, event.data), event);
    case 'SuspectMaterielPosted':
      return takeInSuspects(stock, event.data);
    case 'TransactionReversed':
      return reversed(
        event.data.original.type === 'MaterielIssued' ? takeIn(stock, event.data) : takeOut(stock, event.data),
        event.data.original.sequence,
      );
    case 'UnitsHeld':
      return { ...stock, held: new Set([...stock.held, ...event.data.uiis]) };
    case 'UnitsFreed':
      return { ...stock, held: new Set([...stock.held].filter((uii) => !event.data.uiis.includes(uii))) };
  }
}

interface Movement {
  readonly condition: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
}

function next(state: StockState, event: StockEvent): OpenStock {
  if (state.status === 'OPEN') return { ...state, version: state.version + 1 };
  const organisationId = 'organisationId' in event.data ? event.data.organisationId : '';
  return {
    status: 'OPEN',
    version: 1,
    nsn: event.data.nsn,
    organisationId,
    onHand: new Map(),
    items: new Map(),
    suspects: new Map(),
    held: new Set(),
    postings: new Map(),
    postingKeys: new Set(),
  };
}

function takeIn(stock: OpenStock, { condition, quantity, uiis }: Movement): OpenStock {
  const onHand = new Map(stock.onHand).set(condition, (stock.onHand.get(condition) ?? 0) + quantity);
  const items = new Map(stock.items);
  for (const uii of uiis) items.set(uii, condition);
  return { ...stock, onHand, items };
}

function takeOut(stock: OpenStock, { condition, quantity, uiis }: Movement): OpenStock {
  const onHand = new Map(stock.onHand).set(condition, (stock.onHand.get(condition) ?? 0) - quantity);
  const items = new Map(stock.items);
  for (const uii of uiis) items.delete(uii);
  return { ...stock, onHand, items };
}

function takeInSuspects(
  stock: OpenStock,
  { condition, quantity, uiis, documentNumber, year, suffix }: Movement & DocumentReference,
): OpenStock {
  const onHand = new Map(stock.onHand).set(condition, (stock.onHand.get(condition) ?? 0) + quantity);
  const suspects = new Map(stock.suspects);
  for (const uii of uiis) suspects.set(uii, (suspects.get(uii) ?? 0) + 1);
  return {
    ...stock,
    onHand,
    suspects,
    postingKeys: new Set(stock.postingKeys).add(postingKey('receipt', documentNumber, year, suffix)),
  };
}

interface DocumentReference {
  readonly documentNumber: string;
  readonly year: number;
  readonly suffix: string;
}

function posted(stock: OpenStock, entry: MaterielReceiptPosted | MaterielIssued): OpenStock {
  return {
    ...stock,
    postings: new Map(stock.postings).set(stock.version - 1, { entry, reversed: false }),
    postingKeys: new Set(stock.postingKeys).add(keyOf(entry)),
  };
}

function reversed(stock: OpenStock, sequence: number): OpenStock {
  const posting = stock.postings.get(sequence);
  if (posting === undefined) return stock;
  const postingKeys = new Set(stock.postingKeys);
  postingKeys.delete(keyOf(posting.entry));
  return { ...stock, postings: new Map(stock.postings).set(sequence, { ...posting, reversed: true }), postingKeys };
}

function keyOf({ type, data }: MaterielReceiptPosted | MaterielIssued): string {
  return postingKey(type === 'MaterielIssued' ? 'issue' : 'receipt', data.documentNumber, data.year, data.suffix);
}
