import type { Journal } from '@countersign/event-log';
import type { FactSubscription } from '@countersign/host';
import { TOPICS } from '@countersign/kafka';
import { CODE_ASSIGNED, CODE_RELEASED, onCodeAssigned, onCodeReleased } from './code-assigned.consumer.js';
import { onRequisitionReleased, REQUISITION_RELEASED } from './requisition-released.consumer.js';
import { onShipmentNoticeSent, SHIPMENT_NOTICE_SENT } from './shipment-notice-sent.consumer.js';

/** What inventory does about facts of others; each effect happens once. */
export function reactions(journal: Journal): FactSubscription {
  return {
    topics: [TOPICS.identityCode.name, TOPICS.procurementShipmentNotice.name, TOPICS.procurementRequisition.name],
    on: {
      [CODE_ASSIGNED]: onCodeAssigned(journal),
      [CODE_RELEASED]: onCodeReleased(journal),
      [SHIPMENT_NOTICE_SENT]: onShipmentNoticeSent(journal),
      [REQUISITION_RELEASED]: onRequisitionReleased(journal),
    },
  };
}
