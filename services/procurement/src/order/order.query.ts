import type { Journal } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { requireParty } from './open-order.js';
import { ORDER, type PlacedOrder } from './order.js';

/** Whether a reader may see prices: buyer and supplier may, the place of delivery may not. */
export interface ReadableOrder {
  readonly order: PlacedOrder;
  readonly showsPrices: boolean;
}

/** @throws DomainError NOT_FOUND */
export async function readOrder(journal: Journal, actor: Actor, piid: string): Promise<ReadableOrder> {
  const order = await journal.read(ORDER, piid);
  if (order?.status !== 'PLACED') throw new DomainError('NOT_FOUND', { field: 'piid' });
  requireParty(order.parties, actor, 'piid', 'buyer', 'supplier', 'consignee');
  const { buyer, supplier } = order.parties;
  return { order, showsPrices: [buyer, supplier].includes(actor.organisationId) };
}
