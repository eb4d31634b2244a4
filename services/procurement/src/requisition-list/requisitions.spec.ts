import { describe, expect, it } from '@jest/globals';
import type { RowContent } from '@countersign/event-log';
import { REQUISITION, type RequisitionEvent } from '../requisition/requisition.js';
import { requisitionChange } from './requisitions.projection.js';
import type { RequisitionRow } from './requisition-rows.js';

const NAME = { documentNumber: 'W99UN163060042', year: 2026 };
const KEY = 'W99UN163060042/2026';
const SUBMITTED: RequisitionEvent = {
  type: 'RequisitionSubmitted',
  data: {
    name: NAME,
    requisitioner: { organisation: 'usa-unit' },
    supplySource: { ric: 'Z9D', organisation: 'usa-depot' },
    item: { nsn: '6615129999901' },
    quantity: 3,
    unitOfIssue: 'EA',
    priority: '02',
    requiredDelivery: '999',
    justification: 'secret',
    submittedBy: 'person-1',
  },
};
const evidence = { origin: 'countersign.example/inventory', eventId: 'e', recordDigest: 'ab'.repeat(32) };
const REVIEWED: RequisitionEvent = { type: 'RequisitionReviewed', data: { name: NAME, urgency: 'A', reviewedBy: 'person-2' } };
const RELEASED = { ...SUBMITTED, type: 'RequisitionReleased' } as RequisitionEvent;
const shipped = (tcn: string, quantity = 1): RequisitionEvent => ({
  type: 'RequisitionShipped',
  data: { name: NAME, quantity, tcn, issue: evidence },
});
const reversed = (tcn: string, quantity = 1): RequisitionEvent => ({
  type: 'RequisitionShipmentReversed',
  data: { name: NAME, quantity, tcn, reversal: evidence },
});
const RECEIVED: RequisitionEvent = { type: 'RequisitionReceived', data: { name: NAME, quantity: 3, delivery: evidence } };
const CANCELLED: RequisitionEvent = {
  type: 'RequisitionCancelled',
  data: { name: NAME, quantity: 3, cancelledBy: 'unit', reason: 'typed by a person' },
};

function rowAfter(...history: readonly RequisitionEvent[]): RowContent<RequisitionRow> | undefined {
  const changes = history.map((event) => requisitionChange({ position: 1n, streamId: `requisition/${KEY}`, key: KEY, event }));
  return changes.reduce<RowContent<RequisitionRow> | undefined>((row, { change }) => change(row), undefined);
}

describe('the list of requisitions', () => {
  const released = [SUBMITTED, REVIEWED, RELEASED];

  it.each([
    ['submitted', [SUBMITTED]],
    ['reviewed', [SUBMITTED, REVIEWED]],
    ['released', released],
    ['shipped', [...released, shipped('T1')]],
    ['shipped twice, one taken back', [...released, shipped('T1'), shipped('T2', 2), reversed('T1')]],
    ['shipped, taken back', [...released, shipped('T1'), reversed('T1')]],
    ['received', [...released, shipped('T1'), RECEIVED]],
    ['received before the issue was known', [...released, RECEIVED, shipped('T1')]],
    ['cancelled', [SUBMITTED, CANCELLED]],
  ] as const)('says of one that is %s what its stream says', (_name, history) => {
    const state = history.reduce((before, event) => REQUISITION.evolve(before, event), REQUISITION.initial);
    if (state.status === 'NONE') throw new Error('no requisition');
    expect(rowAfter(...history)).toMatchObject({
      status: state.status,
      reviewed: state.reviewed,
      shipments: state.shipments.length,
      shippedQuantity: state.shipments.reduce((sum, { quantity }) => sum + quantity, 0),
    });
  });

  it('holds no free text and no person', () => {
    const row = JSON.stringify(rowAfter(SUBMITTED, REVIEWED, CANCELLED));
    for (const kept of ['secret', 'person', 'typed']) expect(row).not.toContain(kept);
    expect(JSON.parse(row)).toMatchObject({ ...NAME, nsn: '6615129999901', supplyRic: 'Z9D', rtdReference: null });
  });
});
