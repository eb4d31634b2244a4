import { orderPlaced, PARTIES, PIID } from '../order/order.builders.js';
import type { AgreementEvent, EvidenceNoted } from './agreement.js';
import type { AcceptanceFacts, EvidenceFacts, ReceiptFacts } from './evidence.js';
import type { Terms } from './terms.js';

export const UIIS = ['DD9X91IMU7700-3000417B', 'DD9X91IMU7700-3000418B', 'DD9X91IMU7700-3000419B', 'DD9X91IMU7700-3000420B'];
export const CERTIFICATE = { reference: 'COC-7', standard: 'AQAP-2131', documentDigest: 'ab'.repeat(32) };

const { lines, supplierCage } = orderPlaced().data;

export const TERMS: Terms = {
  piid: PIID,
  supplierCage,
  buyerDodaac: 'W99CT1',
  lines: lines.map((line) => ({ ...line, unitPrice: { amount: '48250.00', currency: 'EUR' } })),
  conditions: [
    { type: 'CoCValid', standard: 'AQAP-2131' },
    { type: 'UiiSetMatches' },
    { type: 'NoOpenDiscrepancy' },
    { type: 'CustodyUnbroken' },
    { type: 'QuantityWithin', under: 0, over: 0 },
  ],
};
export const TERMS_DIGEST = 'cd'.repeat(32);

export const drafted: AgreementEvent = {
  type: 'AgreementDrafted',
  data: { piid: PIID, parties: PARTIES, terms: TERMS, termsDigest: TERMS_DIGEST },
};
export const signed: AgreementEvent = {
  type: 'AgreementSigned',
  data: { piid: PIID, party: 'supplier', termsDigest: TERMS_DIGEST },
};
export const activated: AgreementEvent = { type: 'AgreementActivated', data: { piid: PIID, termsDigest: TERMS_DIGEST } };

/** Evidence of line 0001; `number` makes event id and record digest. */
export function noted(number: number, facts: EvidenceFacts, clin = '0001'): EvidenceNoted {
  const recordDigest = number.toString(16).padStart(64, '0');
  const source = { origin: 'countersign.example/procurement', eventId: `event-${number}`, recordDigest };
  return { type: 'EvidenceNoted', data: { piid: PIID, clin, facts, source } };
}

const shipmentNumber = 'SER0001';
export const notice: EvidenceFacts = {
  kind: 'SHIPMENT_NOTICE',
  shipmentNumber,
  quantity: 4,
  uiis: UIIS,
  certificate: CERTIFICATE,
};
export const receipt: ReceiptFacts = {
  kind: 'RECEIPT',
  shipmentNumber,
  quantity: 4,
  uiis: UIIS,
  holder: PARTIES.consignee,
  receipt: 'aa'.repeat(32),
};
export const inspection: EvidenceFacts = {
  kind: 'INSPECTION',
  shipmentNumber,
  conforming: true,
  certificateReference: CERTIFICATE.reference,
  certificateDigest: CERTIFICATE.documentDigest,
};
export const acceptance: AcceptanceFacts = { kind: 'ACCEPTANCE', shipmentNumber, quantity: 4, uiis: UIIS };

/** Notice, receipt, inspection and acceptance of all four items: everything is satisfied. */
export const delivered: readonly EvidenceNoted[] = [notice, receipt, inspection, acceptance].map((facts, index) =>
  noted(index + 1, facts),
);
