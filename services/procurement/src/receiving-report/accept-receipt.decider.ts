import { DomainError } from '@countersign/kernel';
import { receivedQuantity, receivedUiis, type ExistingReport, type ReceiptAccepted } from './receiving-report.js';

export interface AcceptReceipt {
  readonly quantity: number;
  /** Identity's id of the acceptor. */
  readonly acceptedBy: string;
}

type InspectedReport = Extract<ExistingReport, { inspectedBy: string }>;

/**
 * @throws DomainError RECEIPT_NOT_INSPECTED, RECEIPT_REJECTED, RECEIPT_ALREADY_ACCEPTED, DISCREPANCY_OPEN, SAME_PERSON,
 *   ACCEPTED_EXCEEDS_RECEIVED, QUANTITY_INVALID
 */
export function acceptReceipt(state: ExistingReport, command: AcceptReceipt): ReceiptAccepted {
  switch (state.status) {
    case 'SUBMITTED':
      throw new DomainError('RECEIPT_NOT_INSPECTED', { field: 'shipment_number' });
    case 'REJECTED':
      throw new DomainError('RECEIPT_REJECTED', { field: 'shipment_number' });
    case 'ACCEPTED':
      throw new DomainError('RECEIPT_ALREADY_ACCEPTED', { field: 'shipment_number' });
    case 'INSPECTED':
      return accept(state, command);
  }
}

function accept(state: InspectedReport, command: AcceptReceipt): ReceiptAccepted {
  if (state.discrepancies.some((entry) => entry.open)) throw new DomainError('DISCREPANCY_OPEN', { field: 'shipment_number' });
  requireOtherPerson(state, command.acceptedBy);
  if (command.quantity > receivedQuantity(state)) throw new DomainError('ACCEPTED_EXCEEDS_RECEIVED', { field: 'quantity' });
  const uiis = receivedUiis(state);
  if (uiis.length > 0 && command.quantity !== uiis.length) {
    throw new DomainError('QUANTITY_INVALID', { field: 'quantity', rule: 'serialised materiel is accepted whole' });
  }
  const { piid, shipmentNumber, clin } = state;
  return { type: 'ReceiptAccepted', data: { piid, shipmentNumber, clin, uiis, ...command } };
}

function requireOtherPerson(state: InspectedReport, acceptedBy: string): void {
  if (acceptedBy === state.inspectedBy) throw new DomainError('SAME_PERSON', { rule: 'inspection and acceptance' });
  if (state.receipts.some(({ postedBy }) => postedBy === acceptedBy)) {
    throw new DomainError('SAME_PERSON', { rule: 'receipt and acceptance' });
  }
}
