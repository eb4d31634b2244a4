import type { EvidenceSource } from '../agreement/evidence.js';
import type { ShipmentNoticeState } from '../shipment-notice/shipment-notice.js';
import type { DiscrepancyOpened, ReceivingReportState, ReceivingReportSubmitted } from './receiving-report.js';

/** A receipt as the depot's log states it. */
export interface PostedReceipt {
  readonly documentNumber: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
  readonly receivedBy?: string;
  readonly receipt: EvidenceSource;
}

/**
 * A receipt of an announced shipment begins its report. Whatever differs from the notice, and every further receipt
 * under the same notice, is a discrepancy: it is never added to what can be accepted or paid.
 */
export function submitReceivingReport(
  state: ReceivingReportState,
  notice: ShipmentNoticeState,
  posted: PostedReceipt,
): readonly (ReceivingReportSubmitted | DiscrepancyOpened)[] {
  if (notice.status === 'NONE') return [];
  const { piid, shipmentNumber, clin, parties } = notice;
  const open = (code: DiscrepancyOpened['data']['code'], discrepancyId: string): DiscrepancyOpened => ({
    type: 'DiscrepancyOpened',
    data: { piid, shipmentNumber, clin, discrepancyId, code, cause: posted.receipt },
  });
  if (state.status !== 'NONE') return [open('OVERAGE', `overage-${posted.receipt.eventId}`)];

  const submitted: ReceivingReportSubmitted = {
    type: 'ReceivingReportSubmitted',
    data: { piid, shipmentNumber, clin, parties, ...posted },
  };
  const announced = new Set(notice.items.map((item) => item.uii));
  const foreign = posted.uiis.some((uii) => !announced.has(uii));
  const code = discrepancyCode(posted.quantity - notice.quantity, foreign);
  return code === undefined ? [submitted] : [submitted, open(code, `receipt-${posted.receipt.eventId}`)];
}

function discrepancyCode(difference: number, foreignItem: boolean): DiscrepancyOpened['data']['code'] | undefined {
  if (foreignItem) return 'WRONG_ITEM';
  if (difference > 0) return 'OVERAGE';
  return difference < 0 ? 'SHORTAGE' : undefined;
}
