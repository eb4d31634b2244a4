import type { Fact, FactSubscription, Reaction } from '@countersign/host';
import { TOPICS } from '@countersign/kafka';
import type { EvidenceFacts, ReceiptFacts } from '../agreement/evidence.js';
import {
  RECEIVING_REPORT,
  type DiscrepancyOpened,
  type DiscrepancyResolved,
  type PostedReceipt,
  type ReceiptAccepted,
  type ReceiptInspected,
  type ReceiptReversed,
} from '../receiving-report/receiving-report.js';
import { SHIPMENT_NOTICE, type ShipmentNoticeSent } from '../shipment-notice/shipment-notice.js';
import type { EvidenceLine, NoteEvidenceHandler } from './note-evidence.handler.js';

/**
 * Procurement's own records as evidence. They go the same way as foreign ones, over Kafka: only there does a record's
 * digest exist, and every agreement sees all evidence in one order.
 */
export function evidenceSubscription(evidence: NoteEvidenceHandler): FactSubscription {
  const on: Readonly<Record<string, Reaction>> = {
    [SHIPMENT_NOTICE.schemas.ShipmentNoticeSent.type]: (fact) => evidence.own(fact, lineOf(fact), () => noticeFacts(fact)),
    [RECEIVING_REPORT.schemas.ReceivingReportSubmitted.type]: (fact) => evidence.own(fact, lineOf(fact), receiptFacts(fact)),
    [RECEIVING_REPORT.schemas.ReceiptAdded.type]: (fact) => evidence.own(fact, lineOf(fact), receiptFacts(fact)),
    [RECEIVING_REPORT.schemas.ReceiptReversed.type]: (fact) => evidence.own(fact, lineOf(fact), () => reversalFacts(fact)),
    [RECEIVING_REPORT.schemas.ReceiptInspected.type]: (fact) => evidence.own(fact, lineOf(fact), () => inspectionFacts(fact)),
    [RECEIVING_REPORT.schemas.ReceiptAccepted.type]: (fact) => evidence.own(fact, lineOf(fact), () => acceptanceFacts(fact)),
    [RECEIVING_REPORT.schemas.DiscrepancyOpened.type]: (fact) => evidence.own(fact, lineOf(fact), () => openedFacts(fact)),
    [RECEIVING_REPORT.schemas.DiscrepancyResolved.type]: (fact) => evidence.own(fact, lineOf(fact), () => resolvedFacts(fact)),
  };
  return {
    name: 'evidence',
    topics: [TOPICS.procurementShipmentNotice.name, TOPICS.procurementReceivingReport.name],
    on,
    upcasters: [...(SHIPMENT_NOTICE.upcasters ?? []), ...(RECEIVING_REPORT.upcasters ?? [])],
  };
}

/** Data of an own record of this type, in its newest version: its schema was checked when it was sealed. */
function dataOf<Event extends { readonly data: object }>(fact: Fact): Event['data'] {
  return fact.data as Event['data'];
}

function lineOf(fact: Fact): EvidenceLine {
  const { piid, clin } = dataOf<{ readonly data: EvidenceLine }>(fact);
  return { piid, clin };
}

function noticeFacts(fact: Fact): EvidenceFacts {
  const { shipmentNumber, quantity, items, certificate } = dataOf<ShipmentNoticeSent>(fact);
  return { kind: 'SHIPMENT_NOTICE', shipmentNumber, quantity, uiis: items.map(({ uii }) => uii), certificate };
}

/** Custody of what was received begins with the place of delivery. */
function receiptFacts(fact: Fact): (consignee: string) => ReceiptFacts {
  const { shipmentNumber, quantity, uiis, receipt } = dataOf<{
    readonly data: PostedReceipt & { readonly shipmentNumber: string };
  }>(fact);
  return (consignee) => ({
    kind: 'RECEIPT',
    shipmentNumber,
    quantity,
    uiis,
    holder: consignee,
    receipt: receipt.recordDigest,
  });
}

function reversalFacts(fact: Fact): EvidenceFacts {
  return { kind: 'RECEIPT_REVERSED', receipt: dataOf<ReceiptReversed>(fact).reversedReceipt };
}

function inspectionFacts(fact: Fact): EvidenceFacts {
  const { shipmentNumber, conforming, certificateReference, certificateDigest } = dataOf<ReceiptInspected>(fact);
  return { kind: 'INSPECTION', shipmentNumber, conforming, certificateReference, certificateDigest };
}

function acceptanceFacts(fact: Fact): EvidenceFacts {
  const { shipmentNumber, quantity, uiis } = dataOf<ReceiptAccepted>(fact);
  return { kind: 'ACCEPTANCE', shipmentNumber, quantity, uiis };
}

function openedFacts(fact: Fact): EvidenceFacts {
  const { discrepancyId, code } = dataOf<DiscrepancyOpened>(fact);
  return { kind: 'DISCREPANCY_OPENED', discrepancyId, code };
}

function resolvedFacts(fact: Fact): EvidenceFacts {
  const { discrepancyId, disposition } = dataOf<DiscrepancyResolved>(fact);
  return { kind: 'DISCREPANCY_RESOLVED', discrepancyId, disposition };
}
