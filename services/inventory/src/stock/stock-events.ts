import type { DomainEvent } from '@countersign/kernel';
import type { CloneReason, HoldKind } from '../asset/asset.js';
import type { NamedRecord } from '../named-record.js';

/** What every entry of the ledger says. */
interface Entry {
  readonly ric: string;
  readonly nsn: string;
  readonly documentIdentifier: string;
  readonly documentNumber: string;
  readonly year: number;
  readonly suffix: string;
  readonly condition: string;
  readonly quantity: number;
  readonly unitOfIssue: string;
  readonly uiis: readonly string[];
}

interface Receipt extends Entry {
  readonly documentIdentifier: 'D4' | 'D6';
  readonly supplierCage: string;
  /** Empty unless the parcel named a contract. */
  readonly piid: string;
  readonly shipmentNumber: string;
  /** Of the expected shipment; empty if there is none. */
  readonly clin: string;
  /** Organisation the RIC belongs to. */
  readonly organisationId: string;
  /** Identity's id of the person who posted it: who receives does not inspect. */
  readonly postedBy: string;
}

/** Materiel was received (D4 from procurement, D6 from elsewhere). Neither acceptance nor custody nor ownership. */
export type MaterielReceiptPosted = DomainEvent<'MaterielReceiptPosted', Receipt>;

/** Suspect items were taken in, in condition L, as evidence. No receipt for any payment. */
export type SuspectMaterielPosted = DomainEvent<
  'SuspectMaterielPosted',
  Receipt & { readonly condition: 'L'; readonly reasons: readonly CloneReason[] }
>;

/** Materiel was issued against a released requisition (D7). */
export type MaterielIssued = DomainEvent<
  'MaterielIssued',
  Entry & {
    readonly documentIdentifier: 'D7';
    readonly tcn: string;
    readonly piece: number;
    readonly requisitioner: string;
    readonly organisationId: string;
  }
>;

/** A wrong entry was corrected. Carries the original's quantity and names its record; the original stays. */
export type TransactionReversed = DomainEvent<
  'TransactionReversed',
  Entry & {
    readonly original: NamedRecord & { readonly type: ReversibleType };
    readonly reason: string;
    readonly piid: string;
    readonly shipmentNumber: string;
    readonly clin: string;
    readonly tcn: string;
    readonly piece: number;
    readonly organisationId: string;
  }
>;

interface Units {
  readonly ric: string;
  readonly nsn: string;
  readonly uiis: readonly string[];
  /** Why: a ledger's reader need not be a reader of the items' own streams. Version 1 did not say it. */
  readonly hold: HoldKind;
}

/** Items on hand must not be issued. */
export type UnitsHeld = DomainEvent<'UnitsHeld', Units>;
/** They may again. */
export type UnitsFreed = DomainEvent<'UnitsFreed', Units>;

export type ReversibleType = 'MaterielReceiptPosted' | 'MaterielIssued';
export type StockEvent =
  MaterielReceiptPosted | SuspectMaterielPosted | MaterielIssued | TransactionReversed | UnitsHeld | UnitsFreed;
