import { randomUUID } from 'node:crypto';
import { CERTIFICATE, UIIS } from './agreement/agreement.builders.js';
import { PIID } from './order/order.builders.js';

export const BUYER = 'usa-office';
export const CONSIGNEE = 'usa-depot';
export const SUPPLIER = 'deu-supplier';
export const UNIT = 'usa-unit';
export const AGENCY = 'agency-mn';
/** Of the ERP that reports requisitions of agencies. */
export const REPORTER = 'usa-disposal';

export const SHIPMENT = 'SER0001';
export const DOCUMENT = { documentNumber: 'W99UN163060042', year: 2026 };
export const RTD_REFERENCE = '2451077';
/** Event id of the inventory record that exceeds the notice. */
export const OVERAGE = 'overage-1';

/** Context of a command, at a time of the story. */
function contextAt(eventTime: string): { readonly commandId: string; readonly eventTime: string } {
  return { commandId: randomUUID(), eventTime };
}

const REPORT = { piid: PIID, shipmentNumber: SHIPMENT };

/** Requests that are right in all but, maybe, who sends them. */
export const REQUESTS = {
  signature: (termsDigest: Uint8Array, piid: string = PIID): object => ({
    ...{ context: contextAt('2026-09-20T08:00:00Z'), piid, termsDigest },
  }),
  evaluation: (piid: string = PIID): object => ({ context: contextAt('2026-11-08T08:00:00Z'), piid, clin: '0001' }),
  notice: (piid: string = PIID): object => ({
    ...{ context: contextAt('2026-10-20T08:00:00Z'), piid, clin: '0001', shipmentNumber: SHIPMENT },
    ...{ sscc: '340123450000004176', quantity: 4n, unitOfIssue: 'EA' },
    items: UIIS.map((uii) => ({
      ...{ uii, construct: 2, agency: 'D', enterprise: 'D9X91', originalPart: 'IMU7700-3', serial: uii.slice(-7) },
    })),
    certificate: { ...CERTIFICATE, documentDigest: Buffer.from(CERTIFICATE.documentDigest, 'hex') },
  }),
  inspection: (report: object = REPORT): object => ({ context: contextAt('2026-11-02T08:00:00Z'), ...report, result: 1 }),
  acceptance: (report: object = REPORT): object => ({ context: contextAt('2026-11-03T08:00:00Z'), ...report, quantity: 4n }),
  resolution: (report: object = REPORT): object => ({
    ...{ context: contextAt('2026-11-04T08:00:00Z'), ...report, discrepancyId: `receipt-${OVERAGE}`, disposition: 1 },
  }),
  requisition: (): object => ({
    ...{ context: contextAt('2026-11-02T08:00:00Z'), documentNumber: DOCUMENT.documentNumber, nsn: '6615-12-999-9901' },
    ...{ quantity: 1n, unitOfIssue: 'EA', priority: '02', requiredDelivery: '999', supplySource: 'Z9D' },
  }),
  step: (requisition: object = DOCUMENT): object => ({ context: contextAt('2026-11-02T09:00:00Z'), requisition }),
  cancellation: (requisition: object = DOCUMENT): object => ({
    ...{ context: contextAt('2026-11-02T09:00:00Z'), requisition, reason: 'no longer needed' },
  }),
};
