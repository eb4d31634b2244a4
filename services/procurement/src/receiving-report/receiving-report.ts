import type { DomainEvent, EventSchema, Link, StreamDefinition } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';
import type { Parties } from '../order/order.js';

/**
 * What is wrong with a delivery (SDR).
 * - SUSPECTED_COUNTERFEIT: an item was presented where it cannot be.
 * - OVERAGE: more than announced, or received after the report was inspected.
 * - WRONG_ITEM: an item that was not announced.
 * - RECEIPT_REVERSED: the depot reversed a receipt that was accepted already.
 */
export type DiscrepancyCode = 'SUSPECTED_COUNTERFEIT' | 'OVERAGE' | 'WRONG_ITEM' | 'RECEIPT_REVERSED';

/** How a discrepancy ended. AUTHENTIC: a signed result confirmed the genuine item. */
export type Disposition = 'AUTHENTIC' | 'NO_ACTION' | 'REPLACE' | 'CREDIT';

/** A receipt as the depot's log states it. */
export interface PostedReceipt {
  readonly documentNumber: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
  /** Identity's id of the person who posted it. */
  readonly postedBy: string;
  /** The depot's record. */
  readonly receipt: EvidenceSource;
}

/** The depot posted a receipt of an announced shipment. Receipt only: neither accepted nor paid. */
export type ReceivingReportSubmitted = DomainEvent<
  'ReceivingReportSubmitted',
  PostedReceipt & {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly parties: Parties;
  }
>;

/** A further part of the same shipment was received before the report was inspected. */
export type ReceiptAdded = DomainEvent<
  'ReceiptAdded',
  PostedReceipt & { readonly piid: string; readonly shipmentNumber: string; readonly clin: string }
>;

/** The depot reversed a receipt: what it had brought is not received. */
export type ReceiptReversed = DomainEvent<
  'ReceiptReversed',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    /** Record digest of the receipt that was reversed, 64 hex digits. */
    readonly reversedReceipt: string;
    readonly reversal: EvidenceSource;
  }
>;

export type ReceiptInspected = DomainEvent<
  'ReceiptInspected',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly conforming: boolean;
    readonly certificateReference?: string;
    readonly certificateDigest?: string;
    readonly inspectedBy: string;
  }
>;

export type ReceiptAccepted = DomainEvent<
  'ReceiptAccepted',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly quantity: number;
    readonly uiis: readonly string[];
    readonly acceptedBy: string;
  }
>;

export type DiscrepancyOpened = DomainEvent<
  'DiscrepancyOpened',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly discrepancyId: string;
    readonly code: DiscrepancyCode;
    readonly uii?: string;
    /** The record that shows it. */
    readonly cause: EvidenceSource;
  }
>;

export type DiscrepancyResolved = DomainEvent<
  'DiscrepancyResolved',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly discrepancyId: string;
    readonly disposition: Disposition;
    /** The record that resolved it; absent if an officer did, who is then the record's actor. */
    readonly cause?: EvidenceSource;
  }
>;

export type ReceivingReportEvent =
  | ReceivingReportSubmitted
  | ReceiptAdded
  | ReceiptReversed
  | ReceiptInspected
  | ReceiptAccepted
  | DiscrepancyOpened
  | DiscrepancyResolved;

export interface Discrepancy {
  readonly discrepancyId: string;
  readonly code: DiscrepancyCode;
  readonly uii?: string;
  readonly open: boolean;
}

interface Report {
  readonly piid: string;
  readonly shipmentNumber: string;
  readonly clin: string;
  readonly parties: Parties;
  /** What counts as received: reversed receipts are gone. */
  readonly receipts: readonly PostedReceipt[];
  readonly discrepancies: readonly Discrepancy[];
}

export type ReceivingReportState =
  // A discrepancy can be known before anything is received.
  | { readonly status: 'NONE'; readonly discrepancies: readonly Discrepancy[] }
  | ({ readonly status: 'SUBMITTED' } & Report)
  | ({ readonly status: 'INSPECTED' | 'REJECTED'; readonly inspectedBy: string } & Report)
  | ({ readonly status: 'ACCEPTED'; readonly accepted: number } & Report);

export type ExistingReport = Exclude<ReceivingReportState, { status: 'NONE' }>;

/** Received quantity, without what was reversed. */
export function receivedQuantity(report: ExistingReport): number {
  return report.receipts.reduce((sum, receipt) => sum + receipt.quantity, 0);
}

/** UIIs received, without what was reversed. */
export function receivedUiis(report: ExistingReport): readonly string[] {
  return report.receipts.flatMap((receipt) => receipt.uiis);
}

const REPORT = { group: 'receipt' } as const;
const DISCREPANCY = { group: 'discrepancy' } as const;
// Who did it, for the rule that these are different people. A personal group: no evidence door opens it.
const DUTY = { group: 'personal-duty' } as const;

const SHIPMENT = { piid: REPORT, shipmentNumber: REPORT, clin: REPORT } as const;
const RECEIPT = { ...SHIPMENT, documentNumber: REPORT, quantity: REPORT, uiis: REPORT, receipt: REPORT, postedBy: DUTY } as const;

const SCHEMAS = {
  ReceivingReportSubmitted: {
    type: 'countersign.procurement.ReceivingReportSubmitted.v1',
    fields: { ...RECEIPT, parties: REPORT },
  },
  ReceiptAdded: { type: 'countersign.procurement.ReceiptAdded.v1', fields: RECEIPT },
  ReceiptReversed: {
    type: 'countersign.procurement.ReceiptReversed.v1',
    fields: { ...SHIPMENT, reversedReceipt: REPORT, reversal: REPORT },
  },
  ReceiptInspected: {
    type: 'countersign.procurement.ReceiptInspected.v1',
    fields: {
      ...SHIPMENT,
      conforming: REPORT,
      certificateReference: REPORT,
      certificateDigest: REPORT,
      inspectedBy: DUTY,
    },
  },
  ReceiptAccepted: {
    type: 'countersign.procurement.ReceiptAccepted.v1',
    fields: {
      ...SHIPMENT,
      quantity: REPORT,
      uiis: REPORT,
      acceptedBy: DUTY,
    },
  },
  DiscrepancyOpened: {
    type: 'countersign.procurement.DiscrepancyOpened.v1',
    fields: {
      piid: DISCREPANCY,
      shipmentNumber: DISCREPANCY,
      clin: DISCREPANCY,
      discrepancyId: DISCREPANCY,
      code: DISCREPANCY,
      uii: DISCREPANCY,
      cause: DISCREPANCY,
    },
  },
  DiscrepancyResolved: {
    type: 'countersign.procurement.DiscrepancyResolved.v1',
    fields: {
      piid: DISCREPANCY,
      shipmentNumber: DISCREPANCY,
      clin: DISCREPANCY,
      discrepancyId: DISCREPANCY,
      disposition: DISCREPANCY,
      cause: DISCREPANCY,
    },
  },
} as const satisfies Record<ReceivingReportEvent['type'], EventSchema>;

/** `receiving-report/<PIID>/<shipment number>` */
export const RECEIVING_REPORT: StreamDefinition<ReceivingReportState, ReceivingReportEvent> = {
  category: 'receiving-report',
  initial: { status: 'NONE', discrepancies: [] },
  evolve,
  schemas: SCHEMAS,
  links,
};

function evolve(state: ReceivingReportState, event: ReceivingReportEvent): ReceivingReportState {
  switch (event.type) {
    case 'ReceivingReportSubmitted': {
      const { piid, shipmentNumber, clin, parties, ...receipt } = event.data;
      const { discrepancies } = state;
      return { status: 'SUBMITTED', piid, shipmentNumber, clin, parties, receipts: [receipt], discrepancies };
    }
    case 'DiscrepancyOpened': {
      const { discrepancyId, code, uii } = event.data;
      return { ...state, discrepancies: [...state.discrepancies, { discrepancyId, code, uii, open: true }] };
    }
    case 'DiscrepancyResolved': {
      const resolve = (entry: Discrepancy): Discrepancy =>
        entry.discrepancyId === event.data.discrepancyId ? { ...entry, open: false } : entry;
      return { ...state, discrepancies: state.discrepancies.map(resolve) };
    }
    default:
      return state.status === 'NONE' ? state : evolveReceived(state, event);
  }
}

function evolveReceived(
  state: ExistingReport,
  event: ReceiptAdded | ReceiptReversed | ReceiptInspected | ReceiptAccepted,
): ReceivingReportState {
  switch (event.type) {
    case 'ReceiptAdded': {
      const { piid: _p, shipmentNumber: _s, clin: _c, ...receipt } = event.data;
      return { ...state, receipts: [...state.receipts, receipt] };
    }
    case 'ReceiptReversed':
      return withoutReceipt(state, event.data.reversedReceipt);
    case 'ReceiptInspected': {
      const status = event.data.conforming ? 'INSPECTED' : 'REJECTED';
      return { ...state, status, inspectedBy: event.data.inspectedBy };
    }
    case 'ReceiptAccepted':
      return { ...state, status: 'ACCEPTED', accepted: event.data.quantity };
  }
}

/** What was inspected is not what is there any more: inspection starts anew. An acceptance stands; a discrepancy tells of it. */
function withoutReceipt(state: ExistingReport, reversedReceipt: string): ReceivingReportState {
  const receipts = state.receipts.filter(({ receipt }) => receipt.recordDigest !== reversedReceipt);
  if (state.status === 'ACCEPTED') return { ...state, receipts };
  const { piid, shipmentNumber, clin, parties, discrepancies } = state;
  return { status: 'SUBMITTED', piid, shipmentNumber, clin, parties, discrepancies, receipts };
}

function links(event: ReceivingReportEvent): readonly Link[] {
  const piid: Link = { kind: 'piid', value: event.data.piid, role: 'mentions' };
  switch (event.type) {
    case 'ReceivingReportSubmitted':
    case 'ReceiptAdded':
      return [
        piid,
        { kind: 'document-number', value: event.data.documentNumber, role: 'mentions' },
        ...event.data.uiis.map((uii): Link => ({ kind: 'uii', value: uii, role: 'mentions' })),
      ];
    case 'DiscrepancyOpened':
      return event.data.uii === undefined ? [piid] : [piid, { kind: 'uii', value: event.data.uii, role: 'mentions' }];
    case 'ReceiptReversed':
    case 'ReceiptInspected':
    case 'ReceiptAccepted':
    case 'DiscrepancyResolved':
      return [piid];
  }
}
