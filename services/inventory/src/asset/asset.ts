import { PersistentList, type DomainEvent, type StreamDefinition, type UiiParts } from '@countersign/kernel';
import { DUTY, inventorySchema } from '../event-schema.js';
import { identifies, mentions } from '../links.js';

/** Why a presentation of a UII cannot be true. */
export type CloneReason = 'ALREADY_KNOWN' | 'SUPPLIER_DIFFERS' | 'PARTS_DIFFER' | 'ANNOUNCED_TWICE';

/** A supplier announced the item: it is on its way. */
export type AssetDueIn = DomainEvent<
  'AssetDueIn',
  {
    readonly uii: string;
    readonly parts: UiiParts | null;
    readonly nsn: string;
    readonly piid: string;
    readonly clin: string;
    readonly shipmentNumber: string;
    readonly supplierCage: string;
    readonly ric: string;
  }
>;

/** The item was received into stock. */
export type AssetReceived = DomainEvent<
  'AssetReceived',
  {
    readonly uii: string;
    readonly parts: UiiParts | null;
    readonly nsn: string;
    readonly ric: string;
    readonly condition: string;
    readonly documentNumber: string;
    readonly year: number;
    readonly suffix: string;
    readonly supplierCage: string;
  }
>;

export interface Alert {
  readonly reason: CloneReason;
  /** Where the suspect item was presented; empty if it was only announced. */
  readonly ric: string;
  readonly documentNumber: string;
  readonly supplierCage: string;
}

/** The UII was presented where it cannot be: at least one of two items is no original. */
export type CloneAlert = DomainEvent<
  'CloneAlert',
  Alert & {
    readonly uii: string;
    readonly nsn: string;
    readonly year: number;
    /** What was known of the item: where the other one is. */
    readonly knownStatus: string;
    readonly knownRic: string;
  }
>;

/** Why items are held. */
export type HoldKind = 'SUSPECT_COUNTERFEIT';

/** Nothing may be done with any item of this UII until a laboratory has spoken. */
export type HoldPlaced = DomainEvent<
  'HoldPlaced',
  { readonly uii: string; readonly hold: HoldKind; readonly placedBy: string; readonly placedAt: string }
>;

export interface Examination {
  readonly report: string;
  /** RFC 3339. */
  readonly examinedAt: string;
  /** The laboratory's compact JWS, as it signed it. */
  readonly signedResult: string;
}

/** A laboratory found the item that was known first to be authentic. */
export type AuthenticityConfirmed = DomainEvent<'AuthenticityConfirmed', Examination & { readonly uii: string }>;
/** A laboratory found it to be a counterfeit. Terminal. */
export type CounterfeitConfirmed = DomainEvent<'CounterfeitConfirmed', Examination & { readonly uii: string }>;
/** The hold ended. */
export type HoldReleased = DomainEvent<
  'HoldReleased',
  { readonly uii: string; readonly hold: HoldKind; readonly releasedBy: string }
>;

/** The item left stock against a requisition. */
export type AssetIssued = DomainEvent<
  'AssetIssued',
  {
    readonly uii: string;
    readonly ric: string;
    readonly condition: string;
    readonly documentNumber: string;
    readonly year: number;
    readonly tcn: string;
    readonly piece: number;
  }
>;

/** The requisitioner has it. */
export type AssetDelivered = DomainEvent<
  'AssetDelivered',
  {
    readonly uii: string;
    readonly organisationId: string;
    readonly documentNumber: string;
    readonly tcn: string;
    readonly piece: number;
  }
>;

interface EntryReversed {
  readonly uii: string;
  readonly documentNumber: string;
}
/** The receipt was a wrong entry: the item is where it was before. */
export type AssetReceiptReversed = DomainEvent<'AssetReceiptReversed', EntryReversed>;
/** The issue was a wrong entry: the item is in stock. */
export type AssetIssueReversed = DomainEvent<'AssetIssueReversed', EntryReversed>;

export type AssetEvent =
  | AssetDueIn
  | AssetReceived
  | CloneAlert
  | HoldPlaced
  | AuthenticityConfirmed
  | CounterfeitConfirmed
  | HoldReleased
  | AssetIssued
  | AssetDelivered
  | AssetReceiptReversed
  | AssetIssueReversed;

/** EXPECTED_NOWHERE: only a reversed receipt, or a suspect presentation, is known of it. */
export type AssetStatus = 'EXPECTED_NOWHERE' | 'IN_TRANSIT' | 'IN_STOCK' | 'ISSUED' | 'DELIVERED';

export type Hold =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'SUSPECT_COUNTERFEIT'; readonly placedBy: string; readonly placedAt: string }
  | { readonly kind: 'CONFIRMED_COUNTERFEIT' };

export interface KnownAsset {
  readonly status: AssetStatus;
  readonly uii: string;
  readonly nsn: string;
  readonly hold: Hold;
  /** As announced or scanned; null while no mark told them. */
  readonly parts: UiiParts | null;
  /** Where it is, or was last, in stock; empty before its first receipt. */
  readonly ric: string;
  readonly condition: string;
  readonly tcn: string;
  /** Of the announcement; empty if it was not announced. */
  readonly piid: string;
  readonly shipmentNumber: string;
  readonly supplierCage: string;
  /** What a reversed receipt goes back to. */
  readonly statusBeforeReceipt: AssetStatus;
  /** Whoever presents copies makes more of them: their number has no end. */
  readonly alerts: PersistentList<Alert>;
}

export type AssetState = { readonly status: 'NONE' } | KnownAsset;

const EXAMINATION_FIELDS = {
  report: { group: 'quality' },
  examinedAt: { group: 'quality' },
  signedResult: { group: 'quality' },
} as const;

/** `asset/<UII>` */
export const ASSET: StreamDefinition<AssetState, AssetEvent> = {
  category: 'asset',
  initial: { status: 'NONE' },
  evolve,
  schemas: {
    AssetDueIn: inventorySchema('AssetDueIn', ['uii', 'parts', 'nsn', 'piid', 'clin', 'shipmentNumber', 'supplierCage', 'ric']),
    AssetReceived: inventorySchema('AssetReceived', [
      'uii',
      'parts',
      'nsn',
      'ric',
      'condition',
      'documentNumber',
      'year',
      'suffix',
      'supplierCage',
    ]),
    CloneAlert: inventorySchema('CloneAlert', [
      'uii',
      'nsn',
      'reason',
      'ric',
      'documentNumber',
      'year',
      'supplierCage',
      'knownStatus',
      'knownRic',
    ]),
    HoldPlaced: inventorySchema('HoldPlaced', ['uii', 'hold', 'placedAt'], { placedBy: DUTY }),
    AuthenticityConfirmed: inventorySchema('AuthenticityConfirmed', ['uii'], EXAMINATION_FIELDS),
    CounterfeitConfirmed: inventorySchema('CounterfeitConfirmed', ['uii'], EXAMINATION_FIELDS),
    HoldReleased: inventorySchema('HoldReleased', ['uii', 'hold'], { releasedBy: DUTY }),
    AssetIssued: inventorySchema('AssetIssued', ['uii', 'ric', 'condition', 'documentNumber', 'year', 'tcn', 'piece']),
    AssetDelivered: inventorySchema('AssetDelivered', ['uii', 'organisationId', 'documentNumber', 'tcn', 'piece']),
    AssetReceiptReversed: inventorySchema('AssetReceiptReversed', ['uii', 'documentNumber']),
    AssetIssueReversed: inventorySchema('AssetIssueReversed', ['uii', 'documentNumber']),
  },
  links: (event) => [
    identifies('uii', event.data.uii),
    ...('nsn' in event.data ? mentions('nsn', event.data.nsn) : []),
    ...('piid' in event.data ? mentions('piid', event.data.piid) : []),
    ...('documentNumber' in event.data ? mentions('document-number', event.data.documentNumber) : []),
    ...('tcn' in event.data ? mentions('tcn', event.data.tcn) : []),
  ],
};

function evolve(state: AssetState, event: AssetEvent): AssetState {
  return evolveKnown(state.status === 'NONE' ? unknownAsset(event.data.uii) : state, event);
}

function evolveKnown(asset: KnownAsset, event: AssetEvent): KnownAsset {
  switch (event.type) {
    case 'AssetDueIn': {
      const { nsn, parts, piid, shipmentNumber, supplierCage } = event.data;
      return { ...asset, status: 'IN_TRANSIT', nsn, parts, piid, shipmentNumber, supplierCage };
    }
    case 'AssetReceived': {
      const { nsn, ric, condition, parts } = event.data;
      return {
        ...asset,
        status: 'IN_STOCK',
        nsn,
        ric,
        condition,
        parts: parts ?? asset.parts,
        statusBeforeReceipt: asset.status,
      };
    }
    case 'CloneAlert': {
      const { reason, ric, documentNumber, supplierCage, nsn } = event.data;
      return { ...asset, nsn: asset.nsn || nsn, alerts: asset.alerts.append({ reason, ric, documentNumber, supplierCage }) };
    }
    case 'AssetIssued':
      return { ...asset, status: 'ISSUED', tcn: event.data.tcn };
    case 'AssetDelivered':
      return { ...asset, status: 'DELIVERED' };
    case 'AssetReceiptReversed':
      return { ...asset, status: asset.statusBeforeReceipt };
    case 'AssetIssueReversed':
      return { ...asset, status: 'IN_STOCK' };
    default:
      return { ...asset, hold: holdAfter(asset.hold, event) };
  }
}

function holdAfter(hold: Hold, event: HoldPlaced | AuthenticityConfirmed | CounterfeitConfirmed | HoldReleased): Hold {
  switch (event.type) {
    case 'HoldPlaced':
      return { kind: 'SUSPECT_COUNTERFEIT', placedBy: event.data.placedBy, placedAt: event.data.placedAt };
    case 'CounterfeitConfirmed':
      return { kind: 'CONFIRMED_COUNTERFEIT' };
    case 'HoldReleased':
      return { kind: 'NONE' };
    case 'AuthenticityConfirmed':
      return hold;
  }
}

function unknownAsset(uii: string): KnownAsset {
  return {
    status: 'EXPECTED_NOWHERE',
    uii,
    nsn: '',
    hold: { kind: 'NONE' },
    parts: null,
    ric: '',
    condition: '',
    tcn: '',
    piid: '',
    shipmentNumber: '',
    supplierCage: '',
    statusBeforeReceipt: 'EXPECTED_NOWHERE',
    alerts: PersistentList.empty(),
  };
}
