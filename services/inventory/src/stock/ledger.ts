import { PersistentMap, PersistentSet } from '@countersign/kernel';
import { marked, NO_ITEMS, placed, type HeldItems } from './held-items.js';
import type { ReversibleType, StockEvent } from './stock-events.js';

/**
 * What decisions on a ledger rest on, and no more: a ledger's stream has no end. What an entry said in full is in its record.
 */
export interface OpenStock extends HeldItems {
  readonly status: 'OPEN';
  readonly nsn: string;
  /** Organisation the RIC belongs to. */
  readonly organisationId: string;
  /** By supply condition. Suspect items are in it. */
  readonly onHand: PersistentMap<string, number>;
  /** How many suspect items of a UII were taken in; all are in condition L. */
  readonly suspects: PersistentMap<string, number>;
  readonly suspectQuantity: number;
  /** Sequences of the entries that were reversed. */
  readonly reversed: PersistentSet<number>;
  /** Document numbers with suffix that are used up, see `postingKey`. */
  readonly postingKeys: PersistentSet<string>;
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
  return (stock.heldIn.get(condition) ?? 0) + (condition === 'L' ? stock.suspectQuantity : 0);
}

export function evolveLedger(state: StockState, event: StockEvent): StockState {
  const stock = state.status === 'OPEN' ? state : opened(event);
  switch (event.type) {
    case 'MaterielReceiptPosted':
      return posted(takenIn(stock, event.data), postingKeyOf(event.type, event.data));
    case 'MaterielIssued':
      return posted(takenOut(stock, event.data), postingKeyOf(event.type, event.data));
    case 'SuspectMaterielPosted':
      return posted(suspectsTakenIn(stock, event.data), postingKeyOf('MaterielReceiptPosted', event.data));
    case 'TransactionReversed': {
      const { type, sequence } = event.data.original;
      return reversed(
        type === 'MaterielIssued' ? takenIn(stock, event.data) : takenOut(stock, event.data),
        sequence,
        postingKeyOf(type, event.data),
      );
    }
    case 'UnitsHeld':
      return { ...stock, ...marked(stock, event.data.uiis, true) };
    case 'UnitsFreed':
      return { ...stock, ...marked(stock, event.data.uiis, false) };
  }
}

interface Movement {
  readonly condition: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
}

interface DocumentReference {
  readonly documentNumber: string;
  readonly year: number;
  readonly suffix: string;
}

function opened({ data }: StockEvent): OpenStock {
  return {
    status: 'OPEN',
    nsn: data.nsn,
    organisationId: 'organisationId' in data ? data.organisationId : '',
    onHand: PersistentMap.empty(),
    ...NO_ITEMS,
    suspects: PersistentMap.empty(),
    suspectQuantity: 0,
    reversed: PersistentSet.empty(),
    postingKeys: PersistentSet.empty(),
  };
}

function takenIn(stock: OpenStock, { condition, quantity, uiis }: Movement): OpenStock {
  return { ...stock, onHand: changed(stock.onHand, condition, quantity), ...placed(stock, uiis, condition) };
}

function takenOut(stock: OpenStock, { condition, quantity, uiis }: Movement): OpenStock {
  return { ...stock, onHand: changed(stock.onHand, condition, -quantity), ...placed(stock, uiis, undefined) };
}

function suspectsTakenIn(stock: OpenStock, { condition, quantity, uiis }: Movement): OpenStock {
  return {
    ...stock,
    onHand: changed(stock.onHand, condition, quantity),
    suspects: uiis.reduce((suspects, uii) => changed(suspects, uii, 1), stock.suspects),
    suspectQuantity: stock.suspectQuantity + uiis.length,
  };
}

function posted(stock: OpenStock, key: string): OpenStock {
  return { ...stock, postingKeys: stock.postingKeys.add(key) };
}

/** The document number may be used again. */
function reversed(stock: OpenStock, sequence: number, key: string): OpenStock {
  return { ...stock, reversed: stock.reversed.add(sequence), postingKeys: stock.postingKeys.delete(key) };
}

function postingKeyOf(type: ReversibleType, { documentNumber, year, suffix }: DocumentReference): string {
  return postingKey(type === 'MaterielIssued' ? 'issue' : 'receipt', documentNumber, year, suffix);
}

function changed(quantities: PersistentMap<string, number>, key: string, change: number): PersistentMap<string, number> {
  return quantities.set(key, (quantities.get(key) ?? 0) + change);
}
