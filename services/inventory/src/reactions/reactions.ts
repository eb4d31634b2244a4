import type { Journal } from '@countersign/event-log';
import type { FactSubscription } from '@countersign/host';
import { TOPICS } from '@countersign/kafka';
import { onOrganisationRegistered, ORGANISATION_REGISTERED } from './organisation-registered.consumer.js';
import { onRequisitionReleased, REQUISITION_RELEASED } from './requisition-released.consumer.js';
import { onShipmentNoticeSent, SHIPMENT_NOTICE_SENT } from './shipment-notice-sent.consumer.js';

/** What inventory does about facts of others; each effect happens once. */
export function reactions(journal: Journal): FactSubscription {
  return {
    topics: [TOPICS.identityOrganisation.name, TOPICS.procurementShipmentNotice.name, TOPICS.procurementRequisition.name],
    on: {
      [ORGANISATION_REGISTERED]: onOrganisationRegistered(journal),
      [SHIPMENT_NOTICE_SENT]: onShipmentNoticeSent(journal),
      [REQUISITION_RELEASED]: onRequisitionReleased(journal),
    },
  };
}
