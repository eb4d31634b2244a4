import { describe, expect, it } from '@jest/globals';
import { CERTIFICATE, UIIS } from '../agreement/agreement.builders.js';
import type { EvidenceSource } from '../agreement/evidence.js';
import { given, PIID } from '../order/order.builders.js';
import { noticeSent } from '../shipment-notice/shipment-notice.builders.js';
import { SHIPMENT_NOTICE } from '../shipment-notice/shipment-notice.js';
import { acceptReceipt } from './accept-receipt.decider.js';
import { confirmAuthentic, resolveDiscrepancy, suspectCounterfeit } from './discrepancy.decider.js';
import { inspectReceipt } from './inspect-receipt.decider.js';
import {
  RECEIVING_REPORT,
  receivedQuantity,
  receivedUiis,
  type ExistingReport,
  type PostedReceipt,
  type ReceivingReportEvent,
} from './receiving-report.js';
import { reverseReceipt } from './reverse-receipt.decider.js';
import { submitReceivingReport } from './submit-receiving-report.decider.js';

const sent = given(SHIPMENT_NOTICE, noticeSent());
const source = (eventId: string): EvidenceSource => ({
  origin: 'countersign.example/inventory',
  eventId,
  recordDigest: Buffer.from(eventId).toString('hex').padEnd(64, '0'),
});
const SHIPMENT = { piid: PIID, shipmentNumber: 'SER0001', clin: '0001' };
const posted: PostedReceipt = {
  documentNumber: 'W99DP163030001',
  quantity: 4,
  uiis: UIIS,
  postedBy: 'clerk',
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
const suspected = [...accepted, ...suspectCounterfeit(after(...accepted), SHIPMENT, UII, source('clone-1'))];

const refusal = (code: string, field?: string): Error =>
  expect.objectContaining(
    field === undefined ? { code } : { code, detail: expect.objectContaining({ field }) },
  ) as unknown as Error;

describe('when there is no report', () => {
  it('begins with the receipt of an announced shipment', () => {
    expect(submitted.map(({ type }) => type)).toEqual(['ReceivingReportSubmitted']);
    const state = after(...submitted);
    expect(state).toMatchObject({ status: 'SUBMITTED', discrepancies: [] });
    expect([receivedQuantity(state), receivedUiis(state)]).toEqual([4, UIIS]);
  });

  it('notes nothing for a receipt that nobody announced', () => {
    expect(submitReceivingReport(none, given(SHIPMENT_NOTICE), posted)).toEqual([]);
  });

  it.each([
    ['more than announced', { ...posted, quantity: 5, uiis: [] }, 'OVERAGE'],
    ['an item that was not announced', { ...posted, uiis: [...UIIS.slice(1), 'DD9X91IMU7700-3000999B'] }, 'WRONG_ITEM'],
  ])('counts nothing and opens a discrepancy for %s', (_case, receipt, code) => {
    const state = given(RECEIVING_REPORT, ...submitReceivingReport(none, sent, receipt));
    expect(state).toMatchObject({ status: 'NONE', discrepancies: [{ code, open: true }] });
  });

  it('keeps a suspicion that came before the receipt', () => {
    const early = suspectCounterfeit(none, SHIPMENT, UII, source('clone-0'));
    const state = after(...early, ...submitReceivingReport(given(RECEIVING_REPORT, ...early), sent, posted));
    expect(state).toMatchObject({ status: 'SUBMITTED', discrepancies: [{ code: 'SUSPECTED_COUNTERFEIT', open: true }] });
  });
});

describe('when a part was received', () => {
  const first = submitReceivingReport(none, sent, { ...posted, quantity: 1, uiis: UIIS.slice(0, 1) });
  const state = after(...first);

  it('adds the rest', () => {
    const rest = submitReceivingReport(state, sent, {
      ...posted,
      quantity: 3,
      uiis: UIIS.slice(1),
      receipt: source('receipt-2'),
    });
    expect(rest.map(({ type }) => type)).toEqual(['ReceiptAdded']);
    expect(receivedUiis(after(...first, ...rest))).toEqual(UIIS);
  });

  it('does not count an item twice', () => {
    const again = submitReceivingReport(state, sent, {
      ...posted,
      quantity: 1,
      uiis: UIIS.slice(0, 1),
      receipt: source('receipt-2'),
    });
    expect(again).toMatchObject([{ type: 'DiscrepancyOpened', data: { code: 'OVERAGE' } }]);
  });
});

describe('when a receipt is reversed', () => {
  const digest = posted.receipt.recordDigest;

  it('counts no more before acceptance, and inspection starts anew', () => {
    const reversed = reverseReceipt(after(...inspected), digest, source('reversal-1'));
    const state = after(...inspected, ...reversed);
    expect(state).toMatchObject({ status: 'SUBMITTED', receipts: [], discrepancies: [] });
    expect(() => inspectReceipt(state, INSPECT)).toThrow(refusal('RECEIPT_MISSING'));
    const again = submitReceivingReport(state, sent, { ...posted, receipt: source('receipt-2') });
    expect(receivedQuantity(after(...inspected, ...reversed, ...again))).toBe(4);
  });

  it('opens a discrepancy after acceptance', () => {
    const state = after(...accepted, ...reverseReceipt(after(...accepted), digest, source('reversal-1')));
    expect(state).toMatchObject({ status: 'ACCEPTED', accepted: 4, discrepancies: [{ code: 'RECEIPT_REVERSED', open: true }] });
  });

  it('adds nothing if it never counted', () => {
    expect(reverseReceipt(after(...submitted), source('receipt-9').recordDigest, source('reversal-1'))).toEqual([]);
    expect(reverseReceipt(none, digest, source('reversal-1'))).toEqual([]);
  });
});

describe('when submitted', () => {
  const state = after(...submitted);

  it('opens a discrepancy for a second receipt under the same notice, and counts nothing', () => {
    const again = after(...submitted, ...submitReceivingReport(state, sent, { ...posted, receipt: source('receipt-2') }));
    expect(again).toMatchObject({ discrepancies: [{ code: 'OVERAGE', open: true }] });
    expect(receivedQuantity(again)).toBe(4);
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
    const held = after(...inspected, ...suspectCounterfeit(state, SHIPMENT, UII, source('clone-1')));
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
    expect(() => acceptReceipt(after(...accepted), { quantity: 4, acceptedBy: 'acceptor' })).toThrow(
      refusal('RECEIPT_ALREADY_ACCEPTED'),
    );
  });

  it('opens a discrepancy for a clone, and changes nothing that was accepted', () => {
    expect(after(...suspected)).toMatchObject({
      status: 'ACCEPTED',
      accepted: 4,
      discrepancies: [{ code: 'SUSPECTED_COUNTERFEIT', uii: UII, open: true }],
    });
  });
});

describe('when a counterfeit is suspected', () => {
  const state = after(...suspected);

  it('does not open the same suspicion twice', () => {
    expect(suspectCounterfeit(state, SHIPMENT, UII, source('clone-2'))).toEqual([]);
  });

  it('ends by a signed result for that item only', () => {
    expect(confirmAuthentic(state, SHIPMENT, UIIS[1]!, source('result-1'))).toEqual([]);
    const cleared = after(...suspected, ...confirmAuthentic(state, SHIPMENT, UII, source('result-1')));
    expect(cleared.discrepancies).toMatchObject([{ open: false }]);
  });

  it('refuses an officer who closes it without a result', () => {
    expect(() => resolveDiscrepancy(state, SHIPMENT, 'clone-clone-1', 'NO_ACTION')).toThrow(refusal('RESULT_REQUIRED'));
  });
});

describe('when more came than was announced', () => {
  const over = [...submitted, ...submitReceivingReport(after(...submitted), sent, { ...posted, receipt: source('receipt-2') })];

  it('is closed by an officer, once', () => {
    const resolved = resolveDiscrepancy(after(...over), SHIPMENT, 'receipt-receipt-2', 'NO_ACTION');
    const state = after(...over, resolved);
    expect(state.discrepancies).toMatchObject([{ code: 'OVERAGE', open: false }]);
    expect(() => resolveDiscrepancy(state, SHIPMENT, 'receipt-receipt-2', 'NO_ACTION')).toThrow(refusal('DISCREPANCY_CLOSED'));
    expect(() => resolveDiscrepancy(state, SHIPMENT, 'receipt-9', 'NO_ACTION')).toThrow(refusal('DISCREPANCY_UNKNOWN'));
  });
});
