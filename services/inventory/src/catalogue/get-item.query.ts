import type { Journal } from '@countersign/event-log';
import { DomainError, type Niin } from '@countersign/kernel';
import { CATALOGUE_ITEM, type RegisteredItem } from './catalogue-item.js';

/** What an item is called is known to every nation that uses it. @throws DomainError NOT_FOUND */
export async function getItem(journal: Journal, niin: Niin): Promise<RegisteredItem> {
  const item = await journal.read(CATALOGUE_ITEM, niin);
  if (item === undefined || item.status === 'NONE') throw new DomainError('NOT_FOUND');
  return item;
}
