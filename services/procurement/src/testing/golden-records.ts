import { join } from 'node:path';
import { goldenSamples, type GoldenRecordsOptions } from '@countersign/event-log';
import { AGREEMENT } from '../agreement/agreement.js';
import { noted, notice, TERMS, TERMS_DIGEST, UIIS } from '../agreement/agreement.builders.js';
import { orderPlaced, PARTIES, PIID } from '../order/order.builders.js';
import { ORDER } from '../order/order.js';
import { RECEIVING_REPORT } from '../receiving-report/receiving-report.js';
import { REQUISITION } from '../requisition/requisition.js';
import { noticeSent } from '../shipment-notice/shipment-notice.builders.js';
import { SHIPMENT_NOTICE } from '../shipment-notice/shipment-notice.js';
import { SHIPPED_ITEM } from '../shipment-notice/shipped-item.js';

const [UII = ''] = UIIS;
const { source: SOURCE } = noted(7, notice).data;
const DIGEST = 'ef'.repeat(32);
const SHIPMENT = { piid: PIID, shipmentNumber: 'SER0001', clin: '0001' };
const RECEIPT = { documentNumber: 'W99DP163030001', quantity: 1, uiis: [UII], postedBy: 'person-clerk', receipt: SOURCE };
const NAME = { documentNumber: 'W99UN163060042', year: 2026 };
const TCN = 'W99UN163060042XXX';
const REQUESTED = {
  name: NAME,
  requisitioner: { organisation: 'usa-unit', agency: { state: 'AL', station: 'ATMORE PD' } },
  supplySource: { ric: 'Z9D', organisation: 'usa-depot' },
  item: { nsn: '6615129999901' },
  quantity: 1,
  unitOfIssue: 'EA',
  priority: '02',
  requiredDelivery: '999',
};

const AGREEMENT_SAMPLES = goldenSamples(AGREEMENT, {
  AgreementDrafted: { piid: PIID, parties: PARTIES, terms: TERMS, termsDigest: TERMS_DIGEST },
  AgreementSigned: { piid: PIID, party: 'supplier', termsDigest: TERMS_DIGEST },
  AgreementActivated: { piid: PIID, termsDigest: TERMS_DIGEST },
  EvidenceNoted: noted(7, notice).data,
  ConditionsEvaluated: {
    ...{ piid: PIID, clin: '0001', termsDigest: TERMS_DIGEST, evidence: [SOURCE.recordDigest], evaluationDigest: DIGEST },
    results: [{ condition: 'Accepted', status: 'PENDING', reason: 'NOT_ACCEPTED', evidence: [] }],
  },
  PaymentAuthorised: {
    ...{ piid: PIID, clin: '0001', supplierCage: 'D9X91', buyerDodaac: 'W99CT1', quantity: 4, termsDigest: TERMS_DIGEST },
    ...{ amount: { amount: '193000.00', currency: 'EUR' }, evaluationDigest: DIGEST },
  },
});

const RECEIVING_REPORT_SAMPLES = goldenSamples(RECEIVING_REPORT, {
  ReceivingReportSubmitted: { ...SHIPMENT, ...RECEIPT, parties: PARTIES },
  ReceiptAdded: { ...SHIPMENT, ...RECEIPT },
  ReceiptReversed: { ...SHIPMENT, reversedReceipt: SOURCE.recordDigest, reversal: SOURCE },
  ReceiptInspected: {
    ...{ ...SHIPMENT, conforming: true, certificateReference: 'COC-7', certificateDigest: DIGEST },
    inspectedBy: 'person-inspector',
  },
  ReceiptAccepted: { ...SHIPMENT, quantity: 1, uiis: [UII], acceptedBy: 'person-officer' },
  DiscrepancyOpened: { ...SHIPMENT, discrepancyId: 'd-1', code: 'SUSPECTED_COUNTERFEIT', uii: UII, cause: SOURCE },
  DiscrepancyResolved: { ...SHIPMENT, discrepancyId: 'd-1', disposition: 'AUTHENTIC', cause: SOURCE },
});

const REQUISITION_SAMPLES = goldenSamples(REQUISITION, {
  RequisitionSubmitted: {
    ...{
      ...REQUESTED,
      itemName: 'INERTIAL MEASUREMENT UNIT',
      acquisitionValue: '48250.00',
      justification: 'replaces a lost unit',
    },
    ...{ statedDate: { of: 'requested', text: '2026-11-02' }, submittedBy: 'person-requisitioner' },
  },
  RequisitionReviewed: { name: NAME, urgency: 'A', reviewedBy: 'person-commander' },
  RequisitionReleased: REQUESTED,
  RequisitionShipped: { name: NAME, quantity: 1, tcn: TCN, uiis: [UII], issue: SOURCE },
  RequisitionShipmentReversed: { name: NAME, quantity: 1, tcn: TCN, reversal: SOURCE },
  RequisitionReceived: { name: NAME, quantity: 1, delivery: SOURCE },
  RequisitionCancelled: { name: NAME, quantity: 1, cancelledBy: 'W99UN1', reason: 'no longer needed' },
});

/** What the golden records of procurement are made from and compared with. */
export const GOLDEN_RECORDS: GoldenRecordsOptions = {
  service: 'procurement',
  folder: join(import.meta.dirname, '../../../../vectors/golden-records/procurement'),
  definitions: { AGREEMENT, ORDER, RECEIVING_REPORT, REQUISITION, SHIPMENT_NOTICE, SHIPPED_ITEM },
  samples: {
    ...AGREEMENT_SAMPLES,
    ...RECEIVING_REPORT_SAMPLES,
    ...REQUISITION_SAMPLES,
    ...goldenSamples(ORDER, {
      OrderPlaced: orderPlaced().data,
      OrderLineShipped: { piid: PIID, clin: '0001', shipmentNumber: 'SER0001', quantity: 4 },
    }),
    ...goldenSamples(SHIPMENT_NOTICE, { ShipmentNoticeSent: noticeSent().data }),
    ...goldenSamples(SHIPPED_ITEM, { ItemAnnounced: { uii: UII, ...SHIPMENT } }),
  },
};
