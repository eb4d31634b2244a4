import { DomainError } from '@countersign/kernel';
import type { ExistingReport, ReceiptInspected } from './receiving-report.js';

export interface InspectReceipt {
  readonly conforming: boolean;
  readonly certificateReference?: string;
  readonly certificateDigest?: string;
  /** Identity's id of the inspector. */
  readonly inspectedBy: string;
}

/** @throws DomainError RECEIPT_MISSING, RECEIPT_ALREADY_INSPECTED, SAME_PERSON, FIELD_MISSING */
export function inspectReceipt(state: ExistingReport, command: InspectReceipt): ReceiptInspected {
  if (state.status !== 'SUBMITTED') throw new DomainError('RECEIPT_ALREADY_INSPECTED', { field: 'shipment_number' });
  if (state.receipts.length === 0) throw new DomainError('RECEIPT_MISSING', { field: 'shipment_number' });
  if (state.receipts.some(({ postedBy }) => postedBy === command.inspectedBy)) {
    throw new DomainError('SAME_PERSON', { rule: 'receipt and inspection' });
  }
  if ((command.certificateReference === undefined) !== (command.certificateDigest === undefined)) {
    throw new DomainError('FIELD_MISSING', {
      field: command.certificateReference === undefined ? 'certificate_reference' : 'certificate_digest',
      rule: 'name an examined certificate by its number and its digest',
    });
  }
  const { piid, shipmentNumber, clin } = state;
  return { type: 'ReceiptInspected', data: { piid, shipmentNumber, clin, ...command } };
}
