import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { inventorySchema } from '../event-schema.js';
import { mentions } from '../links.js';

/** A requisition was released: the storage activity shall issue against it (DLMS 940R, MILSTRIP A5). */
export type ReleaseOrdered = DomainEvent<
  'ReleaseOrdered',
  {
    readonly documentNumber: string;
    readonly year: number;
    readonly ric: string;
    readonly nsn: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
    /** Organisation ids. */
    readonly requisitioner: string;
    readonly storer: string;
  }
>;

interface ReleaseOrderIssue {
  readonly documentNumber: string;
  readonly suffix: string;
  readonly quantity: number;
}

/** Materiel was issued against the order. */
export type ReleaseOrderIssued = DomainEvent<'ReleaseOrderIssued', ReleaseOrderIssue & { readonly tcn: string }>;
/** An issue was reversed: that quantity is to be issued again. */
export type ReleaseOrderIssueReversed = DomainEvent<'ReleaseOrderIssueReversed', ReleaseOrderIssue & { readonly tcn: string }>;

export type ReleaseOrderEvent = ReleaseOrdered | ReleaseOrderIssued | ReleaseOrderIssueReversed;

export type ReleaseOrderState =
  { readonly status: 'NONE' } | ({ readonly status: 'ORDERED'; readonly issued: number } & ReleaseOrdered['data']);
export type OpenReleaseOrder = Extract<ReleaseOrderState, { status: 'ORDERED' }>;

const ISSUE_FIELDS = ['documentNumber', 'suffix', 'quantity', 'tcn'];

/** `release-order/<document number>/<year>` */
export const RELEASE_ORDER: StreamDefinition<ReleaseOrderState, ReleaseOrderEvent> = {
  category: 'release-order',
  initial: { status: 'NONE' },
  evolve,
  schemas: {
    ReleaseOrdered: inventorySchema('ReleaseOrdered', [
      'documentNumber',
      'year',
      'ric',
      'nsn',
      'quantity',
      'unitOfIssue',
      'requisitioner',
      'storer',
    ]),
    ReleaseOrderIssued: inventorySchema('ReleaseOrderIssued', ISSUE_FIELDS),
    ReleaseOrderIssueReversed: inventorySchema('ReleaseOrderIssueReversed', ISSUE_FIELDS),
  },
  links: (event) => [
    ...mentions('document-number', event.data.documentNumber),
    ...(event.type === 'ReleaseOrdered' ? mentions('nsn', event.data.nsn) : mentions('tcn', event.data.tcn)),
  ],
};

function evolve(state: ReleaseOrderState, event: ReleaseOrderEvent): ReleaseOrderState {
  if (event.type === 'ReleaseOrdered') return { status: 'ORDERED', issued: 0, ...event.data };
  if (state.status === 'NONE') return state;
  const change = event.type === 'ReleaseOrderIssued' ? event.data.quantity : -event.data.quantity;
  return { ...state, issued: state.issued + change };
}
