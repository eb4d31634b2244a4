import { readTopic } from '../read-topic.js';
import { TOPICS, parseCloudEvent, type CloudEvent } from '@countersign/kafka';
import { expect, it } from '@jest/globals';
import { PERSONS } from '../cast.js';
import { FACTS, ITEM } from '../story-facts.js';
import { flawOf, sampleRows } from './sample-rows.js';
import type { StoryRun } from './story-run.js';

const ROWS = sampleRows();

/** What became of the item, event by event, in the order of its streams. */
const DOSSIER = {
  [`asset/${ITEM}`]: [
    ...['AssetDueIn', 'AssetReceived', 'CloneAlert', 'HoldPlaced', 'AuthenticityConfirmed', 'HoldReleased'],
    ...['AssetIssued', 'AssetDelivered'],
  ],
  [`custody/${FACTS.tcn}/1`]: [
    ...['CustodyHeld', 'CustodyOffered', 'CustodyAccepted', 'CustodyOffered', 'CustodyAccepted', 'DeliveryConfirmed'],
  ],
  [`due-in/${FACTS.piid}/${FACTS.shipmentNumber}`]: ['ShipmentExpected', 'DueInReceived'],
  [`stock/${FACTS.ric}/${FACTS.niin}`]: [
    ...['MaterielReceiptPosted', 'SuspectMaterielPosted', 'UnitsHeld', 'UnitsFreed', 'MaterielReceiptPosted'],
    ...['TransactionReversed', 'MaterielIssued'],
  ],
  [`order/${FACTS.piid}`]: ['OrderPlaced', 'OrderLineShipped'],
  [`receiving-report/${FACTS.piid}/${FACTS.shipmentNumber}`]: [
    ...['ReceivingReportSubmitted', 'ReceiptInspected', 'ReceiptAccepted', 'DiscrepancyOpened', 'DiscrepancyResolved'],
  ],
  [`requisition/${FACTS.requisition}/${FACTS.year}`]: [
    ...['RequisitionSubmitted', 'RequisitionReviewed', 'RequisitionReleased', 'RequisitionShipped', 'RequisitionReceived'],
  ],
  [`shipment-notice/${FACTS.piid}/${FACTS.shipmentNumber}`]: ['ShipmentNoticeSent'],
  [`shipped-item/${ITEM}`]: ['ItemAnnounced'],
};

/** Message ids and contents of the payments that finance was told to make. */
export async function paymentTriggers({ bus, platform }: StoryRun): Promise<ReadonlyMap<string, CloudEvent['data']>> {
  const found = new Map<string, CloudEvent['data']>();
  await readTopic(bus, `${platform.namespace.topic}${TOPICS.outPaymentTrigger.name}`, (message) => {
    const { id, data } = parseCloudEvent(message);
    found.set(id, data);
  });
  return found;
}

/** What the story must have come to. */
export function storySuite(run: () => StoryRun): void {
  it('holds as a whole: every step, proof and drill', () => {
    const { report } = run().outcome;
    expect(report.holds).toBe(true);
    expect(report.tamperDrill).toMatchObject({ on: 'database', holds: true, named: [expect.stringMatching(/ ALTERED$/)] });
    expect(report.offlineCheck).toMatchObject({ exitCode: 0, holds: true, failed: 0 });
    expect(report.offlineCheck.isolation).toContain('network');
    expect(report.quarterTrace).toMatchObject({ holds: true, records: 3 });
    expect(report.platform.logs.map(({ source, chain, findings }) => ({ source, chain, findings }))).toEqual(
      ['identity', 'inventory', 'procurement'].map((source) => ({ source, chain: 'PASS', findings: [] })),
    );
  });

  it('shows every event of the dossier in order, on chain, with its three clocks and its label', () => {
    const { events } = run().outcome.report.dossier;
    const streams = Map.groupBy(events, ({ streamId }) => streamId);
    const names = Object.fromEntries([...streams].map(([id, of]) => [id, of.map(({ event }) => event)]));
    expect(names).toMatchObject(DOSSIER);
    expect(names[`agreement/${FACTS.piid}`]).toEqual([
      ...['AgreementDrafted', 'AgreementSigned', 'AgreementSigned', 'AgreementActivated'],
      ...Array.from({ length: 10 }, () => 'EvidenceNoted'),
      ...['ConditionsEvaluated', 'PaymentAuthorised'],
    ]);
    expect(Object.keys(names).toSorted()).toEqual([...Object.keys(DOSSIER), `agreement/${FACTS.piid}`].toSorted());
    // Who did it is personal: no evidence door opens it, everything else it does.
    const persons = new RegExp(
      `"(${Object.values(PERSONS)
        .map(({ id }) => id)
        .join('|')})"`,
    );
    expect(events.filter(({ data }) => persons.test(JSON.stringify(data)))).toEqual([]);
    expect(events.filter(({ withheld }) => withheld > 1)).toEqual([]);
    for (const event of events) {
      expect(event).toMatchObject({ verdict: 'OK', onChain: true, inLog: true, label: expect.stringMatching(/./) });
      for (const time of [event.eventTime, event.recordedTime, event.anchoredTime]) expect(Date.parse(time)).not.toBeNaN();
      expect(event.actor).not.toBe('');
    }
  });

  it('authorises the payment exactly once, after all conditions, and tells finance the same', async () => {
    const { payment } = run().outcome.report;
    expect(payment).toEqual({
      amount: '73000.00 EUR',
      conditions: ['Accepted', 'CoCValid', 'UiiSetMatches', 'NoOpenDiscrepancy', 'CustodyUnbroken', 'QuantityWithin'],
    });
    const triggers = await paymentTriggers(run());
    expect([...triggers.values()]).toEqual([
      expect.objectContaining({ piid: FACTS.piid, clin: FACTS.clin, amount: { amount: '73000.00', currency: 'EUR' } }),
    ]);
  });

  it('takes or refuses each row of the quarter for the reason the row itself gives', () => {
    const { quarter } = run().outcome.report;
    const flaws = ROWS.map(flawOf).filter((flaw) => flaw !== undefined);
    const expected = Map.groupBy(flaws, (flaw) => flaw);
    expect(quarter).toMatchObject({
      rows: ROWS.length,
      accepted: ROWS.length - flaws.length,
      quarantined: flaws.length,
      sumsAgree: true,
      shipments: 60,
      // A shipment is submitted, released and shipped; a cancellation is submitted and cancelled.
      events: 3 * 60 + 2 * 40,
    });
    const refused = (quarter?.refusals ?? []).map(({ reason, code, field, count }) => [`${code} ${field}`, count, reason]);
    expect(refused.toSorted()).toEqual([...expected].map(([flaw, of]) => [flaw, of.length, 'DOMAIN_REJECTED']).toSorted());
    expect(expected.size).toBe(3);
  });
}
