import type { EvidenceSource } from '../agreement/evidence.js';
import type { DiscrepancyOpened, ReceiptReversed, ReceivingReportState } from './receiving-report.js';

/**
 * The depot reversed one of its receipts. Before acceptance the report goes on without it; after acceptance a
 * discrepancy stays open until an officer decides. Reversals of receipts that never counted add nothing.
 */
export function reverseReceipt(
  state: ReceivingReportState,
  reversedReceipt: string,
  reversal: EvidenceSource,
): readonly (ReceiptReversed | DiscrepancyOpened)[] {
  if (state.status === 'NONE') return [];
  if (!state.receipts.some(({ receipt }) => receipt.recordDigest === reversedReceipt)) return [];
  const { piid, shipmentNumber, clin } = state;
  const reversed: ReceiptReversed = {
    type: 'ReceiptReversed',
    data: { piid, shipmentNumber, clin, reversedReceipt, reversal },
  };
  if (state.status !== 'ACCEPTED') return [reversed];
  const discrepancyId = `reversal-${reversal.eventId}`;
  const data = { piid, shipmentNumber, clin, discrepancyId, code: 'RECEIPT_REVERSED', cause: reversal } as const;
  return [reversed, { type: 'DiscrepancyOpened', data }];
}
