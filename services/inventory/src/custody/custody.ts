import { PersistentList, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { DUTY, inventorySchema } from '../event-schema.js';
import { identifies, mentions } from '../links.js';
import type { NamedRecord } from '../named-record.js';

/** What giver and taker see before them. */
export interface Tally {
  readonly seals: readonly string[];
  readonly packaging: string;
  readonly place: string;
  readonly forms: readonly string[];
}

interface Unit {
  readonly tcn: string;
  readonly piece: number;
  /** The serial-managed items in it. */
  readonly uiis: readonly string[];
}

/** A shipment unit left stock; its custody begins with the storing organisation. */
export type CustodyHeld = DomainEvent<
  'CustodyHeld',
  Unit & {
    readonly holder: string;
    readonly documentNumber: string;
    readonly year: number;
    /** Organisation that requisitioned. */
    readonly requisitioner: string;
    readonly nsn: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
  }
>;

/** The holder offered custody. He holds, and is liable, until somebody accepts. */
export type CustodyOffered = DomainEvent<
  'CustodyOffered',
  Unit & {
    readonly giver: string;
    readonly taker: string;
    readonly tally: Tally;
    /** 64 hex digits. */
    readonly tallySalt: string;
    /** 64 hex digits. */
    readonly tallyDigest: string;
    readonly expiresAt: string;
    readonly offeredBy: string;
  }
>;

/** The taker agreed to the same tally: now he holds. */
export type CustodyAccepted = DomainEvent<
  'CustodyAccepted',
  Unit & {
    readonly giver: string;
    readonly taker: string;
    readonly offer: NamedRecord;
    readonly tallyDigest: string;
    readonly acceptedBy: string;
  }
>;
export type CustodyRefused = DomainEvent<
  'CustodyRefused',
  Unit & { readonly giver: string; readonly taker: string; readonly offer: NamedRecord; readonly reason: string }
>;
export type CustodyOfferWithdrawn = DomainEvent<
  'CustodyOfferWithdrawn',
  Unit & { readonly giver: string; readonly taker: string; readonly offer: NamedRecord }
>;
/** Nobody answered in time; recorded when the giver offers again. */
export type CustodyOfferExpired = DomainEvent<
  'CustodyOfferExpired',
  Unit & { readonly giver: string; readonly taker: string; readonly expiresAt: string }
>;

/** The requisitioner holds it and found what was issued. The end of this custody. */
export type DeliveryConfirmed = DomainEvent<
  'DeliveryConfirmed',
  Unit & {
    readonly holder: string;
    readonly documentNumber: string;
    readonly year: number;
    readonly nsn: string;
    readonly quantity: number;
    readonly unitOfIssue: string;
  }
>;

/** The issue was a wrong entry: there is no such shipment unit. */
export type CustodyVoided = DomainEvent<'CustodyVoided', Unit & { readonly holder: string; readonly documentNumber: string }>;

export type CustodyEvent =
  | CustodyHeld
  | CustodyOffered
  | CustodyAccepted
  | CustodyRefused
  | CustodyOfferWithdrawn
  | CustodyOfferExpired
  | DeliveryConfirmed
  | CustodyVoided;

/** Facts of the shipment unit and its holder, whatever the status. */
export interface ShipmentUnit {
  /** Number of events folded; the sequence of the next one. */
  readonly version: number;
  readonly holder: string;
  /** Everyone who ever held it, first to last. */
  readonly holders: PersistentList<string>;
  readonly unit: CustodyHeld['data'];
}

export interface OpenOffer {
  /** Sequence of the offer's record in this stream. */
  readonly sequence: number;
  readonly terms: CustodyOffered['data'];
}

export type CustodyState =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'HELD' | 'DELIVERED' | 'VOIDED' } & ShipmentUnit)
  | ({ readonly status: 'OFFERED'; readonly offer: OpenOffer } & ShipmentUnit);

export type ExistingCustody = Exclude<CustodyState, { status: 'NONE' }>;

const UNIT = ['tcn', 'piece', 'uiis'];
const CONTENT = ['documentNumber', 'year', 'nsn', 'quantity', 'unitOfIssue'];
const HANDOVER = [...UNIT, 'giver', 'taker'];

/** `custody/<TCN>/<piece>` */
export const CUSTODY: StreamDefinition<CustodyState, CustodyEvent> = {
  category: 'custody',
  initial: { status: 'NONE' },
  evolve,
  schemas: {
    CustodyHeld: inventorySchema('CustodyHeld', [...UNIT, 'holder', 'requisitioner', ...CONTENT]),
    CustodyOffered: inventorySchema('CustodyOffered', [...HANDOVER, 'tally', 'tallySalt', 'tallyDigest', 'expiresAt'], {
      offeredBy: DUTY,
    }),
    CustodyAccepted: inventorySchema('CustodyAccepted', [...HANDOVER, 'offer', 'tallyDigest'], { acceptedBy: DUTY }),
    CustodyRefused: inventorySchema('CustodyRefused', [...HANDOVER, 'offer', 'reason']),
    CustodyOfferWithdrawn: inventorySchema('CustodyOfferWithdrawn', [...HANDOVER, 'offer']),
    CustodyOfferExpired: inventorySchema('CustodyOfferExpired', [...HANDOVER, 'expiresAt']),
    DeliveryConfirmed: inventorySchema('DeliveryConfirmed', [...UNIT, 'holder', ...CONTENT]),
    CustodyVoided: inventorySchema('CustodyVoided', [...UNIT, 'holder', 'documentNumber']),
  },
  links: (event) => [
    identifies('tcn', event.data.tcn),
    ...('documentNumber' in event.data ? mentions('document-number', event.data.documentNumber) : []),
    ...mentions('uii', ...event.data.uiis),
    ...('taker' in event.data ? mentions('organisation', event.data.taker) : []),
  ],
};

export function custodyKey(tcn: string, piece: number): string {
  return `${tcn}/${piece}`;
}

function evolve(state: CustodyState, event: CustodyEvent): CustodyState {
  if (event.type === 'CustodyHeld') {
    const version = state.status === 'NONE' ? 1 : state.version + 1;
    return {
      status: 'HELD',
      version,
      holder: event.data.holder,
      holders: PersistentList.of(event.data.holder),
      unit: event.data,
    };
  }
  return state.status === 'NONE' ? state : evolveExisting(state, event);
}

function evolveExisting(state: ExistingCustody, event: Exclude<CustodyEvent, CustodyHeld>): CustodyState {
  const { holder, holders, unit } = state;
  const kept = { version: state.version + 1, holder, holders, unit };
  switch (event.type) {
    case 'CustodyOffered':
      return { ...kept, status: 'OFFERED', offer: { sequence: state.version, terms: event.data } };
    case 'CustodyAccepted':
      return { ...kept, status: 'HELD', holder: event.data.taker, holders: holders.append(event.data.taker) };
    case 'DeliveryConfirmed':
      return { ...kept, status: 'DELIVERED' };
    case 'CustodyVoided':
      return { ...kept, status: 'VOIDED' };
    case 'CustodyRefused':
    case 'CustodyOfferWithdrawn':
    case 'CustodyOfferExpired':
      return { ...kept, status: 'HELD' };
  }
}
