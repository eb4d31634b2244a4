import { createHash } from 'node:crypto';
import { FACTS, ITEM, uiiOf } from '../story-facts.js';
import { until } from '../until.js';
import type { StepWorld } from './step-world.js';

/** Digest of the certificate document; the document itself stays with supplier and inspector. */
const CERTIFICATE_DIGEST = createHash('sha256').update(`certificate of conformance ${FACTS.certificate}`).digest();

const SHIPMENT = { piid: FACTS.piid, shipmentNumber: FACTS.shipmentNumber };

function partsOf(serial: string): {
  construct: number;
  agency: string;
  enterprise: string;
  originalPart: string;
  serial: string;
} {
  return { construct: 2, agency: 'D', enterprise: FACTS.supplierCage, originalPart: FACTS.partNumber, serial };
}

/** The supplier announces the shipment; inventory learns of it through Kafka. */
export async function playShipment({ narrator, as, context }: StepWorld): Promise<void> {
  narrator.chapter('Shipment');
  await narrator.step(`supplier sends shipment notice ${FACTS.shipmentNumber} with ${FACTS.serials.length} UIIs`, () =>
    as('shipper').shipmentNotices.submitShipmentNotice({
      context: context('shipment-notice', '2026-10-28T09:00:00+01:00'),
      ...SHIPMENT,
      clin: FACTS.clin,
      sscc: FACTS.sscc,
      quantity: BigInt(FACTS.serials.length),
      unitOfIssue: FACTS.unitOfIssue,
      items: FACTS.serials.map((serial) => ({ uii: uiiOf(serial), ...partsOf(serial) })),
      certificate: { reference: FACTS.certificate, standard: 'AQAP-2070', documentDigest: CERTIFICATE_DIGEST },
    }),
  );
  await narrator.step('inventory expects it', () => until('the due-in', () => as('clerk').dueIns.getDueIn(SHIPMENT)));
}

/** Receipt, inspection and acceptance: three facts by three people. */
export async function playReceipt({ narrator, as, context }: StepWorld): Promise<void> {
  narrator.chapter('Receipt');
  await narrator.step(`clerk receives ${FACTS.serials.length} EA at ${FACTS.ric}, document ${FACTS.receiptDocument}`, () =>
    as('clerk').stock.postReceipt({
      context: context('receipt', '2026-10-30T08:30:00+01:00'),
      ric: FACTS.ric,
      nsn: FACTS.nsn,
      documentIdentifier: 'D4',
      documentNumber: FACTS.receiptDocument,
      condition: 'A',
      quantity: BigInt(FACTS.serials.length),
      unitOfIssue: FACTS.unitOfIssue,
      items: FACTS.serials.map((serial) => ({ uii: uiiOf(serial), parts: partsOf(serial) })),
      supplierCage: FACTS.supplierCage,
      ...SHIPMENT,
    }),
  );
  await narrator.step('procurement has the receiving report', () =>
    until('the receiving report', async () => {
      const report = await as('inspector').receivingReports.getReceivingReport(SHIPMENT);
      return report.received >= BigInt(FACTS.serials.length) ? report : undefined;
    }),
  );
  await narrator.step('inspector finds it conforming, certificate examined', () =>
    as('inspector').receivingReports.inspectReceipt({
      context: context('inspection', '2026-10-30T10:00:00+01:00'),
      ...SHIPMENT,
      result: 1,
      certificateReference: FACTS.certificate,
      certificateDigest: CERTIFICATE_DIGEST,
    }),
  );
  await narrator.step('acceptor accepts for the Government', () =>
    as('acceptor').receivingReports.acceptReceipt({
      context: context('acceptance', '2026-10-30T11:00:00+01:00'),
      ...SHIPMENT,
      quantity: BigInt(FACTS.serials.length),
    }),
  );
}

/** A second parcel with an item that is already here: the clone is seen, both are held, and no payment can follow. */
export async function playCounterfeit(world: StepWorld): Promise<void> {
  const { narrator, as, context } = world;
  narrator.chapter('Counterfeit attempt');
  const suspect = await narrator.step(`clerk posts a parcel of broker ${FACTS.brokerCage} with the mark ${ITEM}`, () =>
    as('clerk').stock.postReceipt({
      context: context('suspect-receipt', '2026-10-31T14:00:00+01:00'),
      ric: FACTS.ric,
      nsn: FACTS.nsn,
      documentIdentifier: 'D4',
      documentNumber: FACTS.suspectDocument,
      condition: 'A',
      quantity: 1n,
      unitOfIssue: FACTS.unitOfIssue,
      items: [{ uii: ITEM, parts: partsOf(FACTS.serials[0]) }],
      supplierCage: FACTS.brokerCage,
      ...SHIPMENT,
    }),
  );
  expect(suspect.suspectUiis.includes(ITEM), 'the parcel is taken as suspect');
  await narrator.step('CloneAlert: the unit is held, the parcel stands in condition L', async () => {
    const stock = await as('clerk').stock.getStock({ ric: FACTS.ric, niin: FACTS.niin });
    // On a second run the alert and its end are both history: what must hold then is only that the alert stands recorded.
    const asset = await as('clerk').assets.getAsset({ uii: ITEM });
    expect(asset.alerts.length > 0, 'the asset shows the alert');
    expect(
      stock.balances.some((balance) => balance.condition === 'L'),
      'the parcel stands in condition L',
    );
  });
  await narrator.step('procurement has a discrepancy; payment is blocked', () =>
    until('the discrepancy', async () => {
      const { discrepancies } = await as('contractingOfficer').receivingReports.getReceivingReport(SHIPMENT);
      return discrepancies.length > 0 ? discrepancies : undefined;
    }),
  );
  await releaseGenuine(world);
}

async function releaseGenuine({ narrator, as, context, labResult }: StepWorld): Promise<void> {
  const jws = await labResult({ uii: ITEM, result: 'AUTHENTIC', report: 'LAB-2026-0093', examined_at: '2026-11-01T15:00:00Z' });
  await narrator.step("laboratory's signed result: the genuine unit is released", () =>
    as('inspector').assets.releaseHold({ context: context('release-hold', '2026-11-01T16:00:00Z'), uii: ITEM, result: { jws } }),
  );
  await narrator.step('the discrepancy is closed', () =>
    until('the end of the discrepancy', async () => {
      const { discrepancies } = await as('contractingOfficer').receivingReports.getReceivingReport(SHIPMENT);
      return discrepancies.every(({ open }) => !open) ? true : undefined;
    }),
  );
}

/** A mark was misread: the entry is corrected by a reversal that names it; it stays for ever. */
export async function playCorrection({ narrator, as, context }: StepWorld): Promise<void> {
  narrator.chapter('Correction');
  const wrong = await narrator.step(`clerk posts a receipt with a misread mark, document ${FACTS.misreadDocument}`, () =>
    as('clerk').stock.postReceipt({
      context: context('misread-receipt', '2026-11-01T17:00:00+01:00'),
      ric: FACTS.ric,
      nsn: FACTS.nsn,
      documentIdentifier: 'D6',
      documentNumber: FACTS.misreadDocument,
      condition: 'A',
      quantity: 1n,
      unitOfIssue: FACTS.unitOfIssue,
      items: [{ uii: uiiOf(FACTS.misreadSerial), parts: partsOf(FACTS.misreadSerial) }],
    }),
  );
  const original = wrong.outcome?.recorded.find(({ streamId }) => streamId.startsWith('stock/'));
  if (original === undefined) throw new Error('the receipt recorded nothing in the ledger');
  await narrator.step('item manager reverses it, naming the original', () =>
    as('itemManager').stock.reverseTransaction({
      context: context('reversal', '2026-11-01T17:30:00+01:00'),
      ric: FACTS.ric,
      nsn: FACTS.nsn,
      original: { position: original.position, recordDigest: original.recordDigest },
      quantity: 1n,
      reason: 'Mark misread: 000477B for 000417B. No such item was received.',
    }),
  );
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected: ${what}`);
}
