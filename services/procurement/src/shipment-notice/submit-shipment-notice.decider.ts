import { DomainError } from '@countersign/kernel';
import type { AgreementState } from '../agreement/agreement.js';
import type { CertificateFacts } from '../agreement/evidence.js';
import type { OrderedLine, OrderLineShipped, PlacedOrder } from '../order/order.js';
import type { AnnouncedItem, ShipmentNoticeSent, ShipmentNoticeState } from './shipment-notice.js';
import type { ItemAnnounced, ShippedItemState } from './shipped-item.js';

export interface SubmitShipmentNotice {
  readonly shipmentNumber: string;
  readonly clin: string;
  readonly sscc: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly items: readonly AnnouncedItem[];
  readonly certificate?: CertificateFacts;
}

/** What the decision needs to know; `items` holds the state of each announced UII. */
export interface SupplyState {
  readonly order: PlacedOrder;
  readonly agreement: AgreementState;
  readonly notice: ShipmentNoticeState;
  readonly items: ReadonlyMap<string, ShippedItemState>;
}

export interface ShipmentAnnounced {
  readonly notice: ShipmentNoticeSent;
  readonly line: OrderLineShipped;
  readonly items: readonly ItemAnnounced[];
}

/**
 * @throws DomainError SHIPMENT_NOTICE_EXISTS, AGREEMENT_NOT_ACTIVE, LINE_UNKNOWN, UNIT_OF_ISSUE_DIFFERS,
 *   QUANTITY_INVALID, SHIPPED_EXCEEDS_ORDERED, UII_ALREADY_ANNOUNCED
 */
export function submitShipmentNotice(state: SupplyState, command: SubmitShipmentNotice): ShipmentAnnounced {
  const { order } = state;
  if (state.notice.status !== 'NONE') throw new DomainError('SHIPMENT_NOTICE_EXISTS', { field: 'shipment_number' });
  if (state.agreement.status !== 'ACTIVE') throw new DomainError('AGREEMENT_NOT_ACTIVE', { field: 'piid' });
  const line = order.lines.find((candidate) => candidate.clin === command.clin);
  if (line === undefined) throw new DomainError('LINE_UNKNOWN', { field: 'clin' });
  checkQuantity(order, line, command);
  checkItems(state.items, command);

  const { clin, shipmentNumber, quantity, items } = command;
  const { piid } = order;
  return {
    notice: { type: 'ShipmentNoticeSent', data: noticeOf(order, line, command) },
    line: { type: 'OrderLineShipped', data: { piid, clin, shipmentNumber, quantity } },
    items: items.map(({ uii }) => ({ type: 'ItemAnnounced', data: { uii, piid, clin, shipmentNumber } })),
  };
}

function noticeOf(order: PlacedOrder, line: OrderedLine, command: SubmitShipmentNotice): ShipmentNoticeSent['data'] {
  const { piid, supplierCage, shipTo, parties } = order;
  const { nsn, partNumber } = line;
  return { piid, supplierCage, shipTo, parties, nsn, partNumber, ...command };
}

function checkQuantity(order: PlacedOrder, line: OrderedLine, command: SubmitShipmentNotice): void {
  if (command.unitOfIssue !== line.unitOfIssue) {
    throw new DomainError('UNIT_OF_ISSUE_DIFFERS', { field: 'unit_of_issue', rule: 'use the unit of issue of the order line' });
  }
  if (command.items.length > 0 && command.items.length !== command.quantity) {
    throw new DomainError('QUANTITY_INVALID', { field: 'quantity', rule: 'the quantity of serialised items is their number' });
  }
  const shipped = order.shipped.get(command.clin) ?? 0;
  if (shipped + command.quantity > line.quantity) throw new DomainError('SHIPPED_EXCEEDS_ORDERED', { field: 'quantity' });
}

function checkItems(known: SupplyState['items'], command: SubmitShipmentNotice): void {
  const seen = new Set<string>();
  for (const [index, { uii }] of command.items.entries()) {
    const announced = known.get(uii)?.status === 'ANNOUNCED' || seen.has(uii);
    if (announced) throw new DomainError('UII_ALREADY_ANNOUNCED', { field: `items[${index}].uii` });
    seen.add(uii);
  }
}
