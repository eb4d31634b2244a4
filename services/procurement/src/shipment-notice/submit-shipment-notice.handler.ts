import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal, OpenStream, UnitOfWork } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { AGREEMENT } from '../agreement/agreement.js';
import { requireOwnOrder } from '../order/open-order.js';
import { ORDER } from '../order/order.js';
import { shipmentKey, SHIPMENT_NOTICE, type AnnouncedItem } from './shipment-notice.js';
import { SHIPPED_ITEM, type ItemAnnounced, type ShippedItemState } from './shipped-item.js';
import { submitShipmentNotice, type SubmitShipmentNotice } from './submit-shipment-notice.decider.js';

type OpenItem = OpenStream<ShippedItemState, ItemAnnounced>;

export class SubmitShipmentNoticeHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `submitShipmentNotice` throws */
  async handle(envelope: CommandEnvelope, piid: string, command: SubmitShipmentNotice): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'supplier');
    return this.journal.execute(envelope, async (unit) => {
      const order = await unit.open(ORDER, piid);
      const own = requireOwnOrder(order.state, actor);
      const agreement = await unit.open(AGREEMENT, piid);
      const notice = await unit.open(SHIPMENT_NOTICE, shipmentKey(piid, command.shipmentNumber));
      const items = await openItems(unit, command.items);
      const known = new Map([...items].map(([uii, item]) => [uii, item.state]));

      const sent = submitShipmentNotice({ order: own, agreement: agreement.state, notice: notice.state, items: known }, command);
      notice.append(sent.notice);
      order.append(sent.line);
      for (const announced of sent.items) items.get(announced.data.uii)?.append(announced);

      const { buyer, supplier, consignee } = own.parties;
      for (const stream of [notice, ...items.values()]) stream.share(buyer, supplier, consignee);
      return null;
    });
  }
}

async function openItems(unit: UnitOfWork, items: readonly AnnouncedItem[]): Promise<Map<string, OpenItem>> {
  const opened = new Map<string, OpenItem>();
  for (const { uii } of items) opened.set(uii, await unit.open(SHIPPED_ITEM, uii));
  return opened;
}
