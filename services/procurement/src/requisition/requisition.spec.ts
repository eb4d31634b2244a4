import { describe, expect, it } from '@jest/globals';
import { given } from '../order/order.builders.js';
import { cancelRequisition } from './cancel-requisition.decider.js';
import { noteDelivery, noteShipment, noteShipmentReversal } from './fulfil-requisition.decider.js';
import { releaseRequisition, reviewRequisition } from './release-requisition.decider.js';
import { reportCancelled, reportShipped, type ReportedRequisition } from './report-requisition.decider.js';
import { REQUISITION, type ExistingRequisition, type RequisitionEvent } from './requisition.js';
import { submitRequisition, type SubmitRequisition } from './submit-requisition.decider.js';

const NAME = { documentNumber: 'W99UN163060042', year: 2026 };
const SUBMIT: SubmitRequisition = {
  name: NAME,
  requisitioner: { organisation: 'usa-unit' },
  supplySource: { ric: 'Z9D', organisation: 'usa-depot' },
  item: { nsn: '6615129999901' },
  quantity: 1,
  unitOfIssue: 'EA',
  priority: '02',
  requiredDelivery: '999',
  submittedBy: 'requisitioner',
};
const source = { origin: 'countersign.example/inventory', eventId: 'issue-1', recordDigest: 'ab'.repeat(32) };
const issued = { quantity: 1, tcn: 'W99UN163060042XXX', uiis: ['DD9X91IMU7700-3000417B'], issue: source };
const refusal = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;

const none = given(REQUISITION);
const after = (...history: RequisitionEvent[]): ExistingRequisition => given(REQUISITION, ...history) as ExistingRequisition;
const submitted = submitRequisition(none, SUBMIT);
const reviewed = reviewRequisition(after(submitted), 'commander');
const released = releaseRequisition(after(submitted, reviewed), 'commander');
const shipped = noteShipment(after(submitted, reviewed, released), issued);

describe('when there is no requisition', () => {
  it.each([
    ['02', '999'],
    ['03', '999'],
    ['04', '777'],
    ['15', '001'],
    ['11', '366'],
    ['05', 'N01'],
    ['05', 'E30'],
  ])('takes priority %s with required delivery %s', (priority, requiredDelivery) => {
    expect(submitRequisition(none, { ...SUBMIT, priority, requiredDelivery }).type).toBe('RequisitionSubmitted');
  });

  it.each([
    ['04', '999', 'EXPEDITE_NOT_ALLOWED'],
    ['15', '999', 'EXPEDITE_NOT_ALLOWED'],
    ['02', '000', 'CODE_UNKNOWN'],
    ['02', '367', 'CODE_UNKNOWN'],
    ['02', '888', 'CODE_UNKNOWN'],
    ['02', 'X01', 'CODE_UNKNOWN'],
    ['02', '', 'CODE_UNKNOWN'],
  ])('refuses priority %s with required delivery %s', (priority, requiredDelivery, code) => {
    expect(() => submitRequisition(none, { ...SUBMIT, priority, requiredDelivery })).toThrow(refusal(code));
  });
});

describe('when submitted', () => {
  const state = after(submitted);

  it('refuses the same document number and year again', () => {
    expect(() => submitRequisition(state, SUBMIT)).toThrow(refusal('REQUISITION_EXISTS'));
  });

  it('refuses the submitter as reviewer and as releaser', () => {
    expect(() => reviewRequisition(state, 'requisitioner')).toThrow(refusal('SAME_PERSON'));
    expect(() => releaseRequisition(state, 'requisitioner')).toThrow(refusal('SAME_PERSON'));
  });

  it('does not release urgency A without a review', () => {
    expect(() => releaseRequisition(state, 'commander')).toThrow(refusal('REVIEW_REQUIRED'));
  });

  it('releases urgency B and C without one', () => {
    const routine = submitRequisition(none, { ...SUBMIT, priority: '12', requiredDelivery: '300' });
    expect(releaseRequisition(after(routine), 'commander').type).toBe('RequisitionReleased');
  });

  it('is cancelled with its reason', () => {
    const cancelled = cancelRequisition(state, 'W99UN1', 'no longer needed');
    expect(after(submitted, cancelled)).toMatchObject({ status: 'CANCELLED', reason: 'no longer needed' });
  });

  it('is not shipped', () => {
    expect(noteShipment(state, issued)).toEqual([]);
  });
});

describe('when reviewed', () => {
  it('tells a release all that an issuing activity needs', () => {
    const { submittedBy: _left, ...needed } = SUBMIT;
    expect(released).toEqual({ type: 'RequisitionReleased', data: needed });
  });

  it('refuses a second review', () => {
    expect(() => reviewRequisition(after(submitted, reviewed), 'commander')).toThrow(refusal('REQUISITION_REVIEWED'));
  });
});

describe('when released', () => {
  const state = after(submitted, reviewed, released);

  it('notes the shipment', () => {
    expect(after(submitted, reviewed, released, ...shipped)).toMatchObject({
      status: 'SHIPPED',
      shipments: [{ quantity: 1, tcn: issued.tcn, uiis: issued.uiis }],
    });
  });

  it('refuses a second release and a cancellation', () => {
    expect(() => releaseRequisition(state, 'commander')).toThrow(refusal('REQUISITION_STATUS'));
    expect(() => cancelRequisition(state, 'W99UN1', 'too late')).toThrow(refusal('REQUISITION_STATUS'));
  });
});

describe('when shipped', () => {
  const state = after(submitted, reviewed, released, ...shipped);

  it('is received once', () => {
    const received = noteDelivery(state, 1, source);
    expect(received.map(({ type }) => type)).toEqual(['RequisitionReceived']);
    expect(noteDelivery(after(submitted, reviewed, released, ...shipped, ...received), 1, source)).toEqual([]);
  });
});

describe('when the delivery is known before the issue', () => {
  it('is received, and the late issue does not regress it', () => {
    const received = noteDelivery(after(submitted, reviewed, released), 1, source);
    const late = noteShipment(after(submitted, reviewed, released, ...received), issued);
    expect(after(submitted, reviewed, released, ...received, ...late)).toMatchObject({
      status: 'RECEIVED',
      shipments: [{ tcn: issued.tcn }],
    });
  });
});

describe('when an issue is reversed', () => {
  const history = [submitted, reviewed, released, ...shipped];

  it('is released again, and may be shipped again', () => {
    const reversed = noteShipmentReversal(after(...history), issued.tcn, source);
    const state = after(...history, ...reversed);
    expect(state).toMatchObject({ status: 'RELEASED', shipments: [] });
    expect(noteShipment(state, issued)).toEqual(shipped);
  });

  it('adds nothing for an issue that was never noted', () => {
    expect(noteShipmentReversal(after(...history), 'W99UN163060042AXX', source)).toEqual([]);
  });
});

describe('when an ERP reports a requisition of the past', () => {
  const reported: ReportedRequisition = {
    name: { documentNumber: '2YTRYZ92598384', year: 2019 },
    requisitioner: { organisation: 'leso-al-atmore', agency: { state: 'AL', station: 'ATMORE PD' } },
    item: { localStockNumber: '2330DSTRAILE1' },
    itemName: 'TRAILER',
    quantity: 1,
    unitOfIssue: 'EA',
    acquisitionValue: '8000',
    statedDate: { of: 'shipped', text: '2019-10-01 00:00:00' },
    justification: 'A MOBILE COMMAND.',
  };

  it('records a shipped one as submitted, released and shipped, with nothing made up', () => {
    const events = reportShipped(none, reported);
    expect(events.map(({ type }) => type)).toEqual(['RequisitionSubmitted', 'RequisitionReleased', 'RequisitionShipped']);
    expect(events[0]?.data).toEqual({ ...reported, priority: 'not-stated', requiredDelivery: 'not-stated' });
    expect(after(...events)).toMatchObject({ status: 'SHIPPED', reviewed: false });
  });

  it('records a cancelled one by its reference, never by a document number', () => {
    const byReference = { ...reported, name: { rtdReference: '2451077' } };
    const events = reportCancelled(none, byReference, { cancelledBy: 'SYSTEM', reason: '\\nSales Order #: 2145216717' });
    expect(events.map(({ type }) => type)).toEqual(['RequisitionSubmitted', 'RequisitionCancelled']);
    expect(after(...events)).toMatchObject({ status: 'CANCELLED', reason: '\\nSales Order #: 2145216717' });
    expect(JSON.stringify(events)).not.toContain('documentNumber');
  });

  it('refuses one that exists', () => {
    expect(() => reportShipped(after(...reportShipped(none, reported)), reported)).toThrow(refusal('REQUISITION_EXISTS'));
  });
});
