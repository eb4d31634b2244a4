import { TOPICS } from '@countersign/kafka';
import { FACTS } from '../story-facts.js';
import { until } from '../until.js';
import type { StepWorld } from './step-world.js';

/** The item enters the catalogue; the ERP publishes the order; supplier and buyer sign its conditions; the agreement is active. */
export async function playContract(world: StepWorld): Promise<void> {
  const { narrator, as, context } = world;
  narrator.chapter('Contract');
  await narrator.step(`item manager registers NSN ${FACTS.nsn} (${FACTS.itemName})`, () =>
    as('itemManager').catalogue.registerItem({
      context: context('register-item', '2026-09-01T08:00:00Z'),
      nsn: FACTS.nsn,
      itemName: FACTS.itemName,
      unitOfIssue: FACTS.unitOfIssue,
      controlledItemCode: '7',
      demilitarisationCode: 'D',
      serialManaged: true,
      references: [{ cage: FACTS.supplierCage, partNumber: FACTS.partNumber }],
    }),
  );
  await narrator.step(`ERP publishes order ${FACTS.piid}, CLIN ${FACTS.clin}, ${FACTS.orderQuantity} EA`, () =>
    publishOrder(world),
  );
  const agreement = await narrator.step('order and draft agreement are recorded', () =>
    until('the draft agreement', () => as('contractingOfficer').agreements.getAgreement({ piid: FACTS.piid })),
  );
  const { termsDigest } = agreement;
  await narrator.step('supplier signs the terms', () =>
    as('shipper').agreements.signAgreement({
      context: context('sign-agreement', '2026-09-14T09:00:00Z'),
      piid: FACTS.piid,
      termsDigest,
    }),
  );
  await narrator.step('contracting officer activates the agreement', () =>
    as('contractingOfficer').agreements.activateAgreement({
      context: context('activate-agreement', '2026-09-14T10:00:00Z'),
      piid: FACTS.piid,
      termsDigest,
    }),
  );
}

async function publishOrder({ erp, context }: StepWorld): Promise<void> {
  const { commandId, eventTime } = context('order', '2026-09-14T08:00:00Z');
  await erp.publish(TOPICS.inOrder.name, [
    {
      id: commandId,
      key: FACTS.piid,
      time: eventTime,
      data: {
        piid: FACTS.piid,
        supplier: { cage: FACTS.supplierCage },
        buyer: { dodaac: 'W99CT1' },
        shipTo: { dodaac: 'W99DP1', ric: FACTS.ric },
        lines: [
          {
            clin: FACTS.clin,
            nsn: FACTS.nsn,
            partNumber: FACTS.partNumber,
            quantity: FACTS.orderQuantity,
            unitOfIssue: FACTS.unitOfIssue,
            unitPrice: { amount: FACTS.unitPrice, currency: FACTS.currency },
          },
        ],
        conditions: [
          { type: 'CoCValid', standard: 'AQAP-2070' },
          { type: 'UiiSetMatches' },
          { type: 'NoOpenDiscrepancy' },
          { type: 'CustodyUnbroken' },
          { type: 'QuantityWithin', under: 0, over: 0 },
        ],
      },
    },
  ]);
}
