import type { DomainEvent, EventSchema, Link, StreamDefinition } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';
import type { Parties } from '../order/order.js';

/** What is wrong with a delivery (SDR). */
export type DiscrepancyCode = 'SUSPECTED_COUNTERFEIT' | 'OVERAGE' | 'SHORTAGE' | 'WRONG_ITEM';

/** How a discrepancy ended. AUTHENTIC: a signed result confirmed the genuine item. */
export type Disposition = 'AUTHENTIC' | 'NO_ACTION' | 'REPLACE' | 'CREDIT';

/** The depot posted a receipt of an announced shipment. Receipt only: neither accepted nor paid. */
export type ReceivingReportSubmitted = DomainEvent<
  'ReceivingReportSubmitted',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly parties: Parties;
    readonly documentNumber: string;
    readonly quantity: number;
    readonly uiis: readonly string[];
    /** Identity's id of the person who posted the receipt, if the depot states it. */
    readonly receivedBy?: string;
    readonly receipt: EvidenceSource;
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
  ReceivingReportSubmitted | ReceiptInspected | ReceiptAccepted | DiscrepancyOpened | DiscrepancyResolved;

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
  readonly documentNumber: string;
  readonly received: number;
  readonly uiis: readonly string[];
  readonly receivedBy?: string;
  readonly discrepancies: readonly Discrepancy[];
}

export type ReceivingReportState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'SUBMITTED' } & Report)
  | ({ readonly status: 'INSPECTED' | 'REJECTED'; readonly inspectedBy: string } & Report)
  | ({ readonly status: 'ACCEPTED'; readonly accepted: number } & Report);

export type ExistingReport = Exclude<ReceivingReportState, { status: 'NONE' }>;

const REPORT = { group: 'receipt' } as const;
const DISCREPANCY = { group: 'discrepancy' } as const;
// Who did it, for the rule that these are different people; a group of its own, never shown to the supplier.
const DUTY = { group: 'duty' } as const;

const SCHEMAS = {
  ReceivingReportSubmitted: {
    type: 'countersign.procurement.ReceivingReportSubmitted.v1',
    fields: {
      piid: REPORT,
      shipmentNumber: REPORT,
      clin: REPORT,
      parties: REPORT,
      documentNumber: REPORT,
      quantity: REPORT,
      uiis: REPORT,
      receipt: REPORT,
      receivedBy: DUTY,
    },
  },
  ReceiptInspected: {
    type: 'countersign.procurement.ReceiptInspected.v1',
    fields: {
      piid: REPORT,
      shipmentNumber: REPORT,
      clin: REPORT,
      conforming: REPORT,
      certificateReference: REPORT,
      certificateDigest: REPORT,
      inspectedBy: DUTY,
    },
  },
  ReceiptAccepted: {
    type: 'countersign.procurement.ReceiptAccepted.v1',
    fields: {
      piid: REPORT,
      shipmentNumber: REPORT,
      clin: REPORT,
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
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links,
};

function evolve(state: ReceivingReportState, event: ReceivingReportEvent): ReceivingReportState {
  if (event.type === 'ReceivingReportSubmitted') {
    const { quantity, receipt: _receipt, ...report } = event.data;
    return { status: 'SUBMITTED', ...report, received: quantity, discrepancies: [] };
  }
  return state.status === 'NONE' ? state : evolveExisting(state, event);
}

function evolveExisting(
  state: ExistingReport,
  event: Exclude<ReceivingReportEvent, ReceivingReportSubmitted>,
): ReceivingReportState {
  switch (event.type) {
    case 'ReceiptInspected': {
      const status = event.data.conforming ? 'INSPECTED' : 'REJECTED';
      return { ...state, status, inspectedBy: event.data.inspectedBy };
    }
    case 'ReceiptAccepted':
      return { ...state, status: 'ACCEPTED', accepted: event.data.quantity };
    case 'DiscrepancyOpened': {
      const { discrepancyId, code, uii } = event.data;
      return { ...state, discrepancies: [...state.discrepancies, { discrepancyId, code, uii, open: true }] };
    }
    case 'DiscrepancyResolved': {
      const resolve = (entry: Discrepancy): Discrepancy =>
        entry.discrepancyId === event.data.discrepancyId ? { ...entry, open: false } : entry;
      return { ...state, discrepancies: state.discrepancies.map(resolve) };
    }
  }
}

function links(event: ReceivingReportEvent): readonly Link[] {
  const piid: Link = { kind: 'piid', value: event.data.piid, role: 'mentions' };
  switch (event.type) {
    case 'ReceivingReportSubmitted':
      return [
        piid,
        { kind: 'document-number', value: event.data.documentNumber, role: 'mentions' },
        ...event.data.uiis.map((uii): Link => ({ kind: 'uii', value: uii, role: 'mentions' })),
      ];
    case 'DiscrepancyOpened':
      return event.data.uii === undefined ? [piid] : [piid, { kind: 'uii', value: event.data.uii, role: 'mentions' }];
    case 'ReceiptInspected':
    case 'ReceiptAccepted':
    case 'DiscrepancyResolved':
      return [piid];
  }
}
