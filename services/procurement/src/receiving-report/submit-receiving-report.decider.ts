import type { SentNotice, ShipmentNoticeState } from '../shipment-notice/shipment-notice.js';
import {
  receivedQuantity,
  receivedUiis,
  type DiscrepancyCode,
  type DiscrepancyOpened,
  type PostedReceipt,
  type ReceiptAdded,
  type ReceivingReportState,
  type ReceivingReportSubmitted,
} from './receiving-report.js';

/**
 * The first receipt of an announced shipment begins its report, further parts are added until it is inspected. What
 * exceeds the notice, and what comes later, is a discrepancy: it is never added to what can be accepted or paid.
 * A receipt that nobody announced is none of ours.
 */
export function submitReceivingReport(
  state: ReceivingReportState,
  notice: ShipmentNoticeState,
  posted: PostedReceipt,
): readonly (ReceivingReportSubmitted | ReceiptAdded | DiscrepancyOpened)[] {
  if (notice.status === 'NONE') return [];
  const { piid, shipmentNumber, clin, parties } = notice;
  const code = discrepancyOf(state, notice, posted);
  if (code !== undefined) {
    const discrepancyId = `receipt-${posted.receipt.eventId}`;
    return [{ type: 'DiscrepancyOpened', data: { piid, shipmentNumber, clin, discrepancyId, code, cause: posted.receipt } }];
  }
  return state.status === 'NONE'
    ? [{ type: 'ReceivingReportSubmitted', data: { piid, shipmentNumber, clin, parties, ...posted } }]
    : [{ type: 'ReceiptAdded', data: { piid, shipmentNumber, clin, ...posted } }];
}

function discrepancyOf(state: ReceivingReportState, notice: SentNotice, posted: PostedReceipt): DiscrepancyCode | undefined {
  const announced = new Set(notice.items.map((item) => item.uii));
  if (posted.uiis.some((uii) => !announced.has(uii))) return 'WRONG_ITEM';
  if (state.status === 'NONE') return posted.quantity > notice.quantity ? 'OVERAGE' : undefined;
  if (state.status !== 'SUBMITTED') return 'OVERAGE';
  const again = receivedUiis(state).some((uii) => posted.uiis.includes(uii));
  return again || receivedQuantity(state) + posted.quantity > notice.quantity ? 'OVERAGE' : undefined;
}
