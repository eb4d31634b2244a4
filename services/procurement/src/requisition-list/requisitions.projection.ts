import {
  changeRows,
  type ProjectedEvent,
  type ProjectionDefinition,
  type RowChange,
  type RowContent,
} from '@countersign/event-log';
import { REQUISITION, type RequisitionEvent, type RequisitionSubmitted } from '../requisition/requisition.js';
import { RequisitionRow } from './requisition-rows.js';

/** Name of the read model. */
export const REQUISITIONS = 'requisitions';

type Content = RowContent<RequisitionRow>;

/** Every requisition with its status. No free text, no person: `justification` and reasons stay in the records. */
export const requisitions: ProjectionDefinition<RequisitionEvent> = {
  name: REQUISITIONS,
  version: 1,
  tables: [RequisitionRow],
  streams: [REQUISITION],
  groups: ['requisition'],
  project: (events, scope) => changeRows(scope, RequisitionRow, events.map(requisitionChange)),
};

export function requisitionChange({ key, event }: ProjectedEvent<RequisitionEvent>): RowChange<RequisitionRow> {
  if (event.type === 'RequisitionSubmitted') return { key, change: () => begun(event.data) };
  return { key, change: (row) => row && changed(row, event) };
}

function begun({ name, requisitioner, supplySource, item, ...rest }: RequisitionSubmitted['data']): Content {
  const { quantity, unitOfIssue, priority, requiredDelivery } = rest;
  return {
    documentNumber: 'documentNumber' in name ? name.documentNumber : null,
    year: 'documentNumber' in name ? name.year : null,
    rtdReference: 'rtdReference' in name ? name.rtdReference : null,
    status: 'SUBMITTED',
    nsn: 'nsn' in item ? item.nsn : null,
    localStockNumber: 'localStockNumber' in item ? item.localStockNumber : null,
    quantity,
    unitOfIssue,
    priority,
    requiredDelivery,
    reviewed: false,
    shipments: 0,
    shippedQuantity: 0,
    requisitioner: requisitioner.organisation,
    supplyOrganisation: supplySource?.organisation ?? null,
    supplyRic: supplySource?.ric ?? null,
  };
}

/** As `REQUISITION` folds it, with a count in place of the list of shipments. */
function changed(row: Content, event: Exclude<RequisitionEvent, RequisitionSubmitted>): Content {
  switch (event.type) {
    case 'RequisitionReviewed':
      return { ...row, reviewed: true };
    case 'RequisitionReleased':
      return { ...row, status: 'RELEASED' };
    case 'RequisitionShipped': {
      const status = row.status === 'RECEIVED' ? 'RECEIVED' : 'SHIPPED';
      return { ...row, status, shipments: row.shipments + 1, shippedQuantity: row.shippedQuantity + event.data.quantity };
    }
    case 'RequisitionShipmentReversed': {
      const shipments = row.shipments - 1;
      const status = shipments === 0 ? 'RELEASED' : 'SHIPPED';
      return { ...row, status, shipments, shippedQuantity: row.shippedQuantity - event.data.quantity };
    }
    case 'RequisitionReceived':
      return { ...row, status: 'RECEIVED' };
    case 'RequisitionCancelled':
      return { ...row, status: 'CANCELLED' };
  }
}
