import type { EvidenceSource } from '../agreement/evidence.js';
import type { RequisitionReceived, RequisitionShipmentReversed, RequisitionShipped, RequisitionState } from './requisition.js';

/** An issue as the storage activity's log states it. */
export interface Issue {
  readonly quantity: number;
  readonly tcn: string;
  readonly uiis: readonly string[];
  readonly issue: EvidenceSource;
}

/**
 * A foreign fact is noted, not judged: only what we never released is none of ours. Issue and delivery come from two
 * streams and may arrive in either order; a late issue is kept and does not regress the status (invariant R6).
 */
export function noteShipment(state: RequisitionState, issued: Issue): readonly RequisitionShipped[] {
  if (state.status === 'NONE' || state.status === 'SUBMITTED' || state.status === 'CANCELLED') return [];
  return [{ type: 'RequisitionShipped', data: { name: state.name, ...issued } }];
}

/** An issue was reversed; one we never noted adds nothing. */
export function noteShipmentReversal(
  state: RequisitionState,
  tcn: string,
  reversal: EvidenceSource,
): readonly RequisitionShipmentReversed[] {
  if (state.status !== 'SHIPPED') return [];
  return state.shipments
    .filter((shipment) => shipment.tcn === tcn)
    .map(({ quantity }) => ({
      type: 'RequisitionShipmentReversed',
      data: { name: state.name, quantity, tcn, reversal },
    }));
}

/** The requisitioner took delivery; once. */
export function noteDelivery(
  state: RequisitionState,
  quantity: number,
  delivery: EvidenceSource,
): readonly RequisitionReceived[] {
  if (state.status !== 'RELEASED' && state.status !== 'SHIPPED') return [];
  return [{ type: 'RequisitionReceived', data: { name: state.name, quantity, delivery } }];
}
