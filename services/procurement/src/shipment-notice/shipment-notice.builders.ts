import { CERTIFICATE, UIIS } from '../agreement/agreement.builders.js';
import { orderPlaced } from '../order/order.builders.js';
import type { AnnouncedItem, ShipmentNoticeSent } from './shipment-notice.js';
import type { SubmitShipmentNotice } from './submit-shipment-notice.decider.js';

const ITEMS: readonly AnnouncedItem[] = UIIS.map((uii) => ({
  uii,
  construct: 2,
  agency: 'D',
  enterprise: 'D9X91',
  originalPart: 'IMU7700-3',
  serial: uii.slice(-7),
}));

/** All four items of line 0001. */
export const NOTICE: SubmitShipmentNotice = {
  shipmentNumber: 'SER0001',
  clin: '0001',
  sscc: '340123450000004176',
  quantity: 4,
  unitOfIssue: 'EA',
  items: ITEMS,
  certificate: CERTIFICATE,
};

export function noticeSent(): ShipmentNoticeSent {
  const { piid, supplierCage, shipTo, parties } = orderPlaced().data;
  const data = { piid, supplierCage, shipTo, parties, nsn: '6615129999901', partNumber: 'IMU7700-3', ...NOTICE };
  return { type: 'ShipmentNoticeSent', data };
}
