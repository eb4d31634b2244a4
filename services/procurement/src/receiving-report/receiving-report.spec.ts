import { describe, expect, it } from '@jest/globals';
import { CERTIFICATE, UIIS } from '../agreement/agreement.builders.js';
import type { EvidenceSource } from '../agreement/evidence.js';
import { given } from '../order/order.builders.js';
import { noticeSent } from '../shipment-notice/shipment-notice.builders.js';
import { SHIPMENT_NOTICE } from '../shipment-notice/shipment-notice.js';
import { acceptReceipt } from './accept-receipt.decider.js';
import { confirmAuthentic, resolveDiscrepancy, suspectCounterfeit } from './discrepancy.decider.js';
import { inspectReceipt } from './inspect-receipt.decider.js';
import { RECEIVING_REPORT, type ExistingReport, type ReceivingReportEvent } from './receiving-report.js';
import { submitReceivingReport, type PostedReceipt } from './submit-receiving-report.decider.js';

const sent = given(SHIPMENT_NOTICE, noticeSent());
const source = (eventId: string): EvidenceSource => ({
  origin: 'countersign.example/inventory',
  eventId,
  recordDigest: 'ab'.repeat(32),
});
const posted: PostedReceipt = {
  documentNumber: 'W99DP163030001',
  quantity: 4,
  uiis: UIIS,
  receivedBy: 'clerk',
  receipt: source('receipt-1'),
};
const INSPECT = {
  conforming: true,
  certificateReference: CERTIFICATE.reference,
  certificateDigest: CERTIFICATE.documentDigest,
  inspectedBy: 'inspector',
};
const UII = UIIS[0]!;

const none = given(RECEIVING_REPORT);
const after = (...history: ReceivingReportEvent[]): ExistingReport => given(RECEIVING_REPORT, ...history) as ExistingReport;
const submitted = submitReceivingReport(none, sent, posted);
const inspected = [...submitted, inspectReceipt(after(...submitted), INSPECT)];
const accepted = [...inspected, acceptReceipt(after(...inspected), { quantity: 4, acceptedBy: 'acceptor' })];
const suspected = [...accepted, ...suspectCounterfeit(after(...accepted), UII, source('clone-1'))];

const refusal = (code: string, field?: string): Error =>
  expect.objectContaining(field === undefined ? { code } : { code, detail: expect.objectContaining({ field }) }) as unknown as Error;

describe('when there is no report', () => {
  it('begins with the receipt of an announced shipment', () => {
    expect(submitted.map(({ type }) => type)).toEqual(['ReceivingReportSubmitted']);
    expect(after(...submitted)).toMatchObject({ status: 'SUBMITTED', received: 4, uiis: UIIS, discrepancies: [] });
  });

  it('notes nothing for a receipt that nobody announced', () => {
    expect(submitReceivingReport(none, given(SHIPMENT_NOTICE), posted)).toEqual([]);
  });

  it.each([
    ['too few', { ...posted, quantity: 3, uiis: UIIS.slice(1) }, 'SHORTAGE'],
    ['too many', { ...posted, quantity: 5, uiis: UIIS }, 'OVERAGE'],
    ['an item that was not announced', { ...posted, uiis: [...UIIS.slice(1), 'DD9X91IMU7700-3000999B'] }, 'WRONG_ITEM'],
  ])('opens a discrepancy for %s', (_case, receipt, code) => {
    expect(after(...submitReceivingReport(none, sent, receipt)).discrepancies).toMatchObject([{ code, open: true }]);
  });
});

describe('when submitted', () => {
  const state = after(...submitted);

  it('opens a discrepancy for a second receipt under the same notice, and counts nothing', () => {
    const again = after(...submitted, ...submitReceivingReport(state, sent, { ...posted, receipt: source('receipt-2') }));
    expect(again).toMatchObject({ received: 4, uiis: UIIS, discrepancies: [{ code: 'OVERAGE', open: true }] });
  });

  it('refuses the receipt clerk as inspector', () => {
    expect(() => inspectReceipt(state, { ...INSPECT, inspectedBy: 'clerk' })).toThrow(refusal('SAME_PERSON'));
  });

  it('refuses a certificate number without the digest of the document', () => {
    const { certificateDigest: _left, ...rest } = INSPECT;
    expect(() => inspectReceipt(state, rest)).toThrow(refusal('FIELD_MISSING', 'certificate_digest'));
  });

  it('refuses acceptance before inspection', () => {
    expect(() => acceptReceipt(state, { quantity: 4, acceptedBy: 'acceptor' })).toThrow(refusal('RECEIPT_NOT_INSPECTED'));
  });
});

describe('when inspected', () => {
  const state = after(...inspected);

  it.each([
    ['the inspector', { quantity: 4, acceptedBy: 'inspector' }, 'SAME_PERSON'],
    ['the receipt clerk', { quantity: 4, acceptedBy: 'clerk' }, 'SAME_PERSON'],
    ['more than received', { quantity: 5, acceptedBy: 'acceptor' }, 'ACCEPTED_EXCEEDS_RECEIVED'],
    ['a part of serialised materiel', { quantity: 3, acceptedBy: 'acceptor' }, 'QUANTITY_INVALID'],
  ])('refuses acceptance by or of %s', (_case, command, code) => {
    expect(() => acceptReceipt(state, command)).toThrow(refusal(code));
  });

  it('refuses acceptance while a discrepancy is open', () => {
    const held = after(...inspected, ...suspectCounterfeit(state, UII, source('clone-1')));
    expect(() => acceptReceipt(held, { quantity: 4, acceptedBy: 'acceptor' })).toThrow(refusal('DISCREPANCY_OPEN'));
  });

  it('refuses a second inspection', () => {
    expect(() => inspectReceipt(state, INSPECT)).toThrow(refusal('RECEIPT_ALREADY_INSPECTED'));
  });
});

describe('when inspected as nonconforming', () => {
  it('refuses acceptance', () => {
    const state = after(...submitted, inspectReceipt(after(...submitted), { ...INSPECT, conforming: false }));
    expect(state.status).toBe('REJECTED');
    expect(() => acceptReceipt(state, { quantity: 4, acceptedBy: 'acceptor' })).toThrow(refusal('RECEIPT_REJECTED'));
  });
});

describe('when accepted', () => {
  it('refuses a second acceptance', () => {
    expect(() => acceptReceipt(after(...accepted), { quantity: 4, acceptedBy: 'acceptor' })).toThrow(refusal('RECEIPT_ALREADY_ACCEPTED'));
  });

  it('opens a discrepancy for a clone, and changes nothing that was accepted', () => {
    expect(after(...suspected)).toMatchObject({
      status: 'ACCEPTED',
      accepted: 4,
      received: 4,
      discrepancies: [{ code: 'SUSPECTED_COUNTERFEIT', uii: UII, open: true }],
    });
  });
});

describe('when a counterfeit is suspected', () => {
  const state = after(...suspected);

  it('does not open the same suspicion twice', () => {
    expect(suspectCounterfeit(state, UII, source('clone-2'))).toEqual([]);
  });

  it('ends by a signed result for that item only', () => {
    expect(confirmAuthentic(state, UIIS[1]!, source('result-1'))).toEqual([]);
    const cleared = after(...suspected, ...confirmAuthentic(state, UII, source('result-1')));
    expect(cleared.discrepancies).toMatchObject([{ open: false }]);
  });

  it('refuses an officer who closes it without a result', () => {
    expect(() => resolveDiscrepancy(state, 'clone-clone-1', 'NO_ACTION')).toThrow(refusal('RESULT_REQUIRED'));
  });
});

describe('when a quantity differs', () => {
  const short = submitReceivingReport(none, sent, { ...posted, quantity: 3, uiis: UIIS.slice(1) });

  it('is closed by an officer, once', () => {
    const resolved = resolveDiscrepancy(after(...short), 'receipt-receipt-1', 'CREDIT');
    const state = after(...short, resolved);
    expect(state.discrepancies).toMatchObject([{ code: 'SHORTAGE', open: false }]);
    expect(() => resolveDiscrepancy(state, 'receipt-receipt-1', 'CREDIT')).toThrow(refusal('DISCREPANCY_CLOSED'));
    expect(() => resolveDiscrepancy(state, 'receipt-9', 'CREDIT')).toThrow(refusal('DISCREPANCY_UNKNOWN'));
  });
});
