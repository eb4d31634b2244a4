import type { DomainEvent, EventSchema, Link, StreamDefinition } from '@countersign/kernel';
import type { EvidenceSource } from '../agreement/evidence.js';

/** What names a requisition for ever: a document number with its full year, or the reference of one that never got a number. */
export type RequisitionName = { readonly documentNumber: string; readonly year: number } | { readonly rtdReference: string };

/** A national or a local stock number; the one is never made out of the other. */
export type RequisitionedItem = { readonly nsn: string } | { readonly localStockNumber: string };

/** Who asked: an organisation of the directory, and the name it was found by if the ERP named it so. */
export interface Requisitioner {
  readonly organisation: string;
  readonly agency?: { readonly state: string; readonly station: string };
}

/** Where it shall come from. */
export interface SupplySource {
  readonly ric: string;
  readonly organisation: string;
}

/** Stands where a source does not say; nothing is assumed instead. */
export const NOT_STATED = 'not-stated';

/** Which date of the source the event time was taken from, and the date exactly as written there. */
export interface StatedDate {
  readonly of: 'requested' | 'shipped';
  readonly text: string;
}

export type RequisitionSubmitted = DomainEvent<
  'RequisitionSubmitted',
  {
    readonly name: RequisitionName;
    readonly requisitioner: Requisitioner;
    readonly supplySource?: SupplySource;
    readonly item: RequisitionedItem;
    readonly itemName?: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
    /** "01" to "15", or NOT_STATED. */
    readonly priority: string;
    /** Required delivery date or special requirement, or NOT_STATED. */
    readonly requiredDelivery: string;
    /** As the source states it, in its own unstated currency. */
    readonly acquisitionValue?: string;
    readonly statedDate?: StatedDate;
    /** Confidential: a group and a key of its own. */
    readonly justification?: string;
    /** Identity's id of the submitting person; absent if an ERP reported the requisition. */
    readonly submittedBy?: string;
  }
>;

/** A commander confirmed the urgency of need that the priority claims. */
export type RequisitionReviewed = DomainEvent<
  'RequisitionReviewed',
  { readonly name: RequisitionName; readonly urgency: string; readonly reviewedBy: string }
>;

/** The supply source may issue. Says all that an issuing activity needs to know. */
export type RequisitionReleased = DomainEvent<
  'RequisitionReleased',
  {
    readonly name: RequisitionName;
    readonly requisitioner: Requisitioner;
    /** Absent when the source does not name one; then there is nothing for us to issue. */
    readonly supplySource?: SupplySource;
    readonly item: RequisitionedItem;
    readonly quantity: number;
    readonly unitOfIssue: string;
    readonly priority: string;
    readonly requiredDelivery: string;
  }
>;

export type RequisitionShipped = DomainEvent<
  'RequisitionShipped',
  {
    readonly name: RequisitionName;
    readonly quantity: number;
    readonly tcn?: string;
    readonly uiis?: readonly string[];
    /** The issuing activity's record; absent if an ERP reported the shipment. */
    readonly issue?: EvidenceSource;
  }
>;

/** The storage activity reversed an issue: that quantity is not on its way. */
export type RequisitionShipmentReversed = DomainEvent<
  'RequisitionShipmentReversed',
  { readonly name: RequisitionName; readonly quantity: number; readonly tcn: string; readonly reversal: EvidenceSource }
>;

export type RequisitionReceived = DomainEvent<
  'RequisitionReceived',
  { readonly name: RequisitionName; readonly quantity: number; readonly delivery: EvidenceSource }
>;

export type RequisitionCancelled = DomainEvent<
  'RequisitionCancelled',
  {
    readonly name: RequisitionName;
    readonly quantity: number;
    /** Who cancelled, as stated: an office, a system, or the code the canceller acts for. */
    readonly cancelledBy: string;
    /** Why, exactly as given. */
    readonly reason: string;
  }
>;

export type RequisitionEvent =
  | RequisitionSubmitted
  | RequisitionReviewed
  | RequisitionReleased
  | RequisitionShipped
  | RequisitionShipmentReversed
  | RequisitionReceived
  | RequisitionCancelled;

interface Requisition {
  readonly name: RequisitionName;
  readonly requisitioner: Requisitioner;
  readonly supplySource?: SupplySource;
  readonly item: RequisitionedItem;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly priority: string;
  readonly requiredDelivery: string;
  readonly submittedBy?: string;
  readonly reviewed: boolean;
  /** What is on its way, reversed issues left out. */
  readonly shipments: readonly Shipment[];
}

export type Shipment = Pick<RequisitionShipped['data'], 'quantity' | 'tcn' | 'uiis'>;

export type RequisitionState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'SUBMITTED' | 'RELEASED' | 'SHIPPED' | 'RECEIVED' } & Requisition)
  | ({ readonly status: 'CANCELLED'; readonly reason: string } & Requisition);

export type ExistingRequisition = Exclude<RequisitionState, { status: 'NONE' }>;

const OWN = { group: 'requisition' } as const;
// Who did it, for the rule that these are different people. A personal group: no evidence door opens it.
const DUTY = { group: 'personal-duty' } as const;

const SCHEMAS = {
  RequisitionSubmitted: {
    type: 'countersign.procurement.RequisitionSubmitted.v1',
    fields: {
      name: OWN,
      requisitioner: OWN,
      supplySource: OWN,
      item: OWN,
      itemName: OWN,
      quantity: OWN,
      unitOfIssue: OWN,
      priority: OWN,
      requiredDelivery: OWN,
      acquisitionValue: OWN,
      statedDate: OWN,
      submittedBy: DUTY,
      justification: { group: 'justification' },
    },
  },
  RequisitionReviewed: {
    type: 'countersign.procurement.RequisitionReviewed.v1',
    fields: { name: OWN, urgency: OWN, reviewedBy: DUTY },
  },
  RequisitionReleased: {
    type: 'countersign.procurement.RequisitionReleased.v1',
    fields: {
      name: OWN,
      requisitioner: OWN,
      supplySource: OWN,
      item: OWN,
      quantity: OWN,
      unitOfIssue: OWN,
      priority: OWN,
      requiredDelivery: OWN,
    },
  },
  RequisitionShipped: {
    type: 'countersign.procurement.RequisitionShipped.v1',
    fields: { name: OWN, quantity: OWN, tcn: OWN, uiis: OWN, issue: OWN },
  },
  RequisitionShipmentReversed: {
    type: 'countersign.procurement.RequisitionShipmentReversed.v1',
    fields: { name: OWN, quantity: OWN, tcn: OWN, reversal: OWN },
  },
  RequisitionReceived: {
    type: 'countersign.procurement.RequisitionReceived.v1',
    fields: { name: OWN, quantity: OWN, delivery: OWN },
  },
  RequisitionCancelled: {
    type: 'countersign.procurement.RequisitionCancelled.v1',
    fields: { name: OWN, quantity: OWN, cancelledBy: OWN, reason: OWN },
  },
} as const satisfies Record<RequisitionEvent['type'], EventSchema>;

/** `requisition/<document number>/<year>` or `requisition/rtd/<reference>` */
export const REQUISITION: StreamDefinition<RequisitionState, RequisitionEvent> = {
  category: 'requisition',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links,
};

/** The stream's key. */
export function requisitionKey(name: RequisitionName): string {
  return 'rtdReference' in name ? `rtd/${name.rtdReference}` : `${name.documentNumber}/${name.year}`;
}

function evolve(state: RequisitionState, event: RequisitionEvent): RequisitionState {
  if (event.type === 'RequisitionSubmitted') {
    const { itemName: _n, acquisitionValue: _v, statedDate: _d, justification: _j, ...requisition } = event.data;
    return { status: 'SUBMITTED', ...requisition, reviewed: false, shipments: [] };
  }
  return state.status === 'NONE' ? state : evolveExisting(state, event);
}

function evolveExisting(state: ExistingRequisition, event: Exclude<RequisitionEvent, RequisitionSubmitted>): RequisitionState {
  switch (event.type) {
    case 'RequisitionReviewed':
      return { ...state, reviewed: true };
    case 'RequisitionReleased':
      return { ...state, status: 'RELEASED' };
    case 'RequisitionShipped': {
      const { quantity, tcn, uiis } = event.data;
      const status = state.status === 'RECEIVED' ? 'RECEIVED' : 'SHIPPED';
      return { ...state, status, shipments: [...state.shipments, { quantity, tcn, uiis }] };
    }
    case 'RequisitionShipmentReversed': {
      const shipments = state.shipments.filter(({ tcn }) => tcn !== event.data.tcn);
      return { ...state, status: shipments.length === 0 ? 'RELEASED' : 'SHIPPED', shipments };
    }
    case 'RequisitionReceived':
      return { ...state, status: 'RECEIVED' };
    case 'RequisitionCancelled':
      return { ...state, status: 'CANCELLED', reason: event.data.reason };
  }
}

function links(event: RequisitionEvent): readonly Link[] {
  const own = nameLink(event.data.name);
  switch (event.type) {
    case 'RequisitionSubmitted': {
      const { item, requisitioner } = event.data;
      const organisation: Link = { kind: 'organisation', value: requisitioner.organisation, role: 'mentions' };
      return 'nsn' in item ? [own, organisation, { kind: 'nsn', value: item.nsn, role: 'mentions' }] : [own, organisation];
    }
    case 'RequisitionShipped': {
      const { tcn, uiis = [] } = event.data;
      const items = uiis.map((uii): Link => ({ kind: 'uii', value: uii, role: 'mentions' }));
      return tcn === undefined ? [own, ...items] : [own, { kind: 'tcn', value: tcn, role: 'mentions' }, ...items];
    }
    case 'RequisitionShipmentReversed':
      return [own, { kind: 'tcn', value: event.data.tcn, role: 'mentions' }];
    case 'RequisitionReviewed':
    case 'RequisitionReleased':
    case 'RequisitionReceived':
    case 'RequisitionCancelled':
      return [own];
  }
}

function nameLink(name: RequisitionName): Link {
  return 'rtdReference' in name
    ? { kind: 'rtd-reference', value: name.rtdReference, role: 'identifies' }
    : { kind: 'document-number', value: name.documentNumber, role: 'identifies' };
}
