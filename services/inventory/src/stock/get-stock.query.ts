import type { Journal } from '@countersign/event-log';
import { DomainError, ISSUABLE_CONDITIONS, type Actor, type Niin, type Ric } from '@countersign/kernel';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { STORAGE } from '../storage/storage.js';
import { heldQuantity, issuableQuantity, type OpenStock } from './ledger.js';
import { STOCK, stockKey } from './stock.js';

export interface Balance {
  readonly condition: string;
  readonly onHand: number;
  readonly held: number;
  /** Suspect items stand in it as often as they were taken in. */
  readonly uiis: readonly string[];
}

export interface StockView {
  readonly nsn: string;
  readonly unitOfIssue: string;
  /** In order of condition. */
  readonly balances: readonly Balance[];
  readonly issuable: number;
}

/** For the organisation the RIC belongs to now. @throws DomainError NOT_FOUND */
export async function getStock(journal: Journal, ric: Ric, niin: Niin, actor: Actor): Promise<StockView> {
  const storage = await journal.read(STORAGE, ric);
  if (storage?.status !== 'KNOWN' || storage.organisationId !== actor.organisationId) throw new DomainError('NOT_FOUND');
  const stock = await journal.read(STOCK, stockKey(ric, niin));
  const item = await journal.read(CATALOGUE_ITEM, niin);
  if (stock?.status !== 'OPEN' || item?.status !== 'ACTIVE') throw new DomainError('NOT_FOUND');
  return {
    nsn: stock.nsn,
    unitOfIssue: item.unitOfIssue,
    balances: balancesOf(stock),
    issuable: issuableQuantity(stock, ISSUABLE_CONDITIONS),
  };
}

function balancesOf(stock: OpenStock): readonly Balance[] {
  const stocked = [...stock.onHand].filter(([, onHand]) => onHand > 0).sort(([left], [right]) => (left < right ? -1 : 1));
  return stocked.map(([condition, onHand]) => ({
    condition,
    onHand,
    held: heldQuantity(stock, condition),
    uiis: uiisIn(stock, condition),
  }));
}

function uiisIn(stock: OpenStock, condition: string): readonly string[] {
  const known = [...stock.items].filter(([, itsCondition]) => itsCondition === condition).map(([uii]) => uii);
  const suspect =
    condition === 'L' ? [...stock.suspects].flatMap(([uii, count]) => Array.from({ length: count }, () => uii)) : [];
  return [...known, ...suspect].sort();
}
