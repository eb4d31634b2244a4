import type { DomainEvent, EventSchema, StreamDefinition } from '@countersign/kernel';

/** A UII stands on one shipment notice, ever; this stream is what makes a second one impossible. */
export type ItemAnnounced = DomainEvent<
  'ItemAnnounced',
  { readonly uii: string; readonly piid: string; readonly clin: string; readonly shipmentNumber: string }
>;

export type ShippedItemState = { readonly status: 'NONE' } | ({ readonly status: 'ANNOUNCED' } & ItemAnnounced['data']);

const GROUP = { group: 'shipment' } as const;

const SCHEMA = {
  type: 'countersign.procurement.ItemAnnounced.v1',
  fields: { uii: GROUP, piid: GROUP, clin: GROUP, shipmentNumber: GROUP },
} as const satisfies EventSchema;

/** `shipped-item/<UII>` */
export const SHIPPED_ITEM: StreamDefinition<ShippedItemState, ItemAnnounced> = {
  category: 'shipped-item',
  initial: { status: 'NONE' },
  evolve: (_state, event) => ({ status: 'ANNOUNCED', ...event.data }),
  schemas: { ItemAnnounced: SCHEMA },
  links: ({ data }) => [
    { kind: 'uii', value: data.uii, role: 'identifies' },
    { kind: 'piid', value: data.piid, role: 'mentions' },
  ],
};
