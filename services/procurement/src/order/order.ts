import { PersistentMap, type DomainEvent, type EventSchema, type Link, type StreamDefinition } from '@countersign/kernel';
import type { Money } from './money.js';

/** A contract line. Its price stands apart: other readers may see the line than its price. */
export interface OrderedLine {
  readonly clin: string;
  readonly nsn: string;
  readonly partNumber: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
}

/** What one unit of issue of a line costs. */
export interface LinePrice extends Money {
  readonly clin: string;
}

/** Where the materiel goes. */
export interface ShipTo {
  readonly dodaac: string;
  readonly ric: string;
}

/** The organisations that share an order and everything that follows from it; ids of identity. */
export interface Parties {
  readonly buyer: string;
  readonly supplier: string;
  readonly consignee: string;
}

export type OrderPlaced = DomainEvent<
  'OrderPlaced',
  {
    readonly piid: string;
    readonly supplierCage: string;
    readonly shipTo: ShipTo;
    readonly parties: Parties;
    readonly lines: readonly OrderedLine[];
    readonly prices: readonly LinePrice[];
  }
>;

/** A shipment notice used up part of a line; keeps shipped within ordered however many notices arrive at once. */
export type OrderLineShipped = DomainEvent<
  'OrderLineShipped',
  { readonly piid: string; readonly clin: string; readonly shipmentNumber: string; readonly quantity: number }
>;

export type OrderEvent = OrderPlaced | OrderLineShipped;

export type OrderState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'PLACED'; readonly shipped: PersistentMap<string, number> } & OrderPlaced['data']);

export type PlacedOrder = Extract<OrderState, { status: 'PLACED' }>;

const SCHEMAS = {
  OrderPlaced: {
    type: 'countersign.procurement.OrderPlaced.v1',
    fields: {
      piid: { group: 'order' },
      supplierCage: { group: 'order' },
      shipTo: { group: 'order' },
      parties: { group: 'order' },
      lines: { group: 'order' },
      prices: { group: 'price' },
    },
  },
  OrderLineShipped: {
    type: 'countersign.procurement.OrderLineShipped.v1',
    fields: {
      piid: { group: 'order' },
      clin: { group: 'order' },
      shipmentNumber: { group: 'order' },
      quantity: { group: 'order' },
    },
  },
} as const satisfies Record<OrderEvent['type'], EventSchema>;

/** `order/<PIID>` */
export const ORDER: StreamDefinition<OrderState, OrderEvent> = {
  category: 'order',
  initial: { status: 'NONE' },
  evolve,
  schemas: SCHEMAS,
  links,
};

function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'OrderPlaced':
      return { status: 'PLACED', shipped: PersistentMap.empty(), ...event.data };
    case 'OrderLineShipped': {
      if (state.status === 'NONE') return state;
      const before = state.shipped.get(event.data.clin) ?? 0;
      return { ...state, shipped: state.shipped.set(event.data.clin, before + event.data.quantity) };
    }
  }
}

function links(event: OrderEvent): readonly Link[] {
  const own: Link = { kind: 'piid', value: event.data.piid, role: 'identifies' };
  if (event.type === 'OrderLineShipped') return [own];
  const { lines, parties } = event.data;
  return [
    own,
    ...lines.map((line): Link => ({ kind: 'nsn', value: line.nsn, role: 'mentions' })),
    { kind: 'organisation', value: parties.supplier, role: 'mentions' },
  ];
}
