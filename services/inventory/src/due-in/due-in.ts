import { PersistentSet, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { inventorySchema } from '../event-schema.js';
import { mentions } from '../links.js';

/** A supplier's shipment notice announced a shipment to a storage activity. */
export type ShipmentExpected = DomainEvent<
  'ShipmentExpected',
  {
    readonly piid: string;
    readonly clin: string;
    readonly shipmentNumber: string;
    readonly nsn: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
    readonly uiis: readonly string[];
    readonly supplierCage: string;
    readonly ric: string;
    /** Organisation ids. */
    readonly supplier: string;
    readonly consignee: string;
  }
>;

export interface DueInReceipt {
  readonly documentNumber: string;
  readonly year: number;
  readonly suffix: string;
  readonly quantity: number;
  readonly uiis: readonly string[];
}

/** Part of the shipment was received. Suspect items are none of it. */
export type DueInReceived = DomainEvent<'DueInReceived', DueInReceipt & { readonly piid: string }>;
/** A receipt was reversed: that part is expected again. */
export type DueInReceiptReversed = DomainEvent<'DueInReceiptReversed', DueInReceipt & { readonly piid: string }>;

export type DueInEvent = ShipmentExpected | DueInReceived | DueInReceiptReversed;

export type DueInState =
  | { readonly status: 'NONE' }
  | ({
      readonly status: 'EXPECTED';
      readonly received: number;
      readonly receivedUiis: PersistentSet<string>;
    } & ShipmentExpected['data']);
export type ExpectedShipment = Extract<DueInState, { status: 'EXPECTED' }>;

const RECEIPT_FIELDS = ['piid', 'documentNumber', 'year', 'suffix', 'quantity', 'uiis'];

/** `due-in/<PIID>/<shipment number>` */
export const DUE_IN: StreamDefinition<DueInState, DueInEvent> = {
  category: 'due-in',
  initial: { status: 'NONE' },
  evolve,
  schemas: {
    ShipmentExpected: inventorySchema('ShipmentExpected', [
      'piid',
      'clin',
      'shipmentNumber',
      'nsn',
      'quantity',
      'unitOfIssue',
      'uiis',
      'supplierCage',
      'ric',
      'supplier',
      'consignee',
    ]),
    DueInReceived: inventorySchema('DueInReceived', RECEIPT_FIELDS),
    DueInReceiptReversed: inventorySchema('DueInReceiptReversed', RECEIPT_FIELDS),
  },
  links: (event) => [
    ...mentions('piid', event.data.piid),
    ...mentions('uii', ...event.data.uiis),
    ...(event.type === 'ShipmentExpected'
      ? mentions('nsn', event.data.nsn)
      : mentions('document-number', event.data.documentNumber)),
  ],
};

export function dueInKey(piid: string, shipmentNumber: string): string {
  return `${piid}/${shipmentNumber}`;
}

function evolve(state: DueInState, event: DueInEvent): DueInState {
  if (event.type === 'ShipmentExpected')
    return { status: 'EXPECTED', received: 0, receivedUiis: PersistentSet.empty(), ...event.data };
  if (state.status === 'NONE') return state;
  const { quantity, uiis } = event.data;
  return event.type === 'DueInReceived'
    ? { ...state, received: state.received + quantity, receivedUiis: state.receivedUiis.add(...uiis) }
    : { ...state, received: state.received - quantity, receivedUiis: state.receivedUiis.delete(...uiis) };
}
