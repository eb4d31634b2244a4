import type { DomainEvent, EventSchema, Link, StreamDefinition } from '@countersign/kernel';
import type { CertificateFacts } from '../agreement/evidence.js';
import type { Parties, ShipTo } from '../order/order.js';

/** An announced item: its mark and the parts the mark was made from (the mark alone cannot be parsed). */
export interface AnnouncedItem {
  readonly uii: string;
  readonly construct: 1 | 2;
  readonly agency: string;
  readonly enterprise: string;
  /** Construct 2 only. */
  readonly originalPart?: string;
  readonly serial: string;
}

/** One shipment of one contract line. `quantity` equals the number of items when items are named. */
export type ShipmentNoticeSent = DomainEvent<
  'ShipmentNoticeSent',
  {
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly supplierCage: string;
    readonly shipTo: ShipTo;
    readonly parties: Parties;
    readonly sscc: string;
    readonly nsn: string;
    readonly partNumber: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
    readonly items: readonly AnnouncedItem[];
    readonly certificate?: CertificateFacts;
  }
>;

export type ShipmentNoticeState = { readonly status: 'NONE' } | ({ readonly status: 'SENT' } & ShipmentNoticeSent['data']);

export type SentNotice = Extract<ShipmentNoticeState, { status: 'SENT' }>;

const GROUP = { group: 'shipment' } as const;

const SCHEMA = {
  type: 'countersign.procurement.ShipmentNoticeSent.v1',
  fields: {
    piid: GROUP,
    shipmentNumber: GROUP,
    clin: GROUP,
    supplierCage: GROUP,
    shipTo: GROUP,
    parties: GROUP,
    sscc: GROUP,
    nsn: GROUP,
    partNumber: GROUP,
    quantity: GROUP,
    unitOfIssue: GROUP,
    items: GROUP,
    certificate: GROUP,
  },
} as const satisfies EventSchema;

/** `shipment-notice/<PIID>/<shipment number>` */
export const SHIPMENT_NOTICE: StreamDefinition<ShipmentNoticeState, ShipmentNoticeSent> = {
  category: 'shipment-notice',
  initial: { status: 'NONE' },
  evolve: (_state, event) => ({ status: 'SENT', ...event.data }),
  schemas: { ShipmentNoticeSent: SCHEMA },
  links: ({ data }): readonly Link[] => [
    { kind: 'piid', value: data.piid, role: 'mentions' },
    { kind: 'nsn', value: data.nsn, role: 'mentions' },
    ...data.items.map((item): Link => ({ kind: 'uii', value: item.uii, role: 'mentions' })),
  ],
};

export function shipmentKey(piid: string, shipmentNumber: string): string {
  return `${piid}/${shipmentNumber}`;
}
