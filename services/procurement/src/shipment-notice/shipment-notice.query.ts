import type { Journal } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { requireParty } from '../order/open-order.js';
import { shipmentKey, SHIPMENT_NOTICE, type SentNotice } from './shipment-notice.js';

/** @throws DomainError NOT_FOUND */
export async function readShipmentNotice(
  journal: Journal,
  actor: Actor,
  piid: string,
  shipmentNumber: string,
): Promise<SentNotice> {
  const notice = await journal.read(SHIPMENT_NOTICE, shipmentKey(piid, shipmentNumber));
  if (notice?.status !== 'SENT') throw new DomainError('NOT_FOUND', { field: 'shipment_number' });
  requireParty(notice.parties, actor, 'shipment_number', 'buyer', 'supplier', 'consignee');
  return notice;
}
