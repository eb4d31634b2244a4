import { sameUiiParts, type UiiParts } from '@countersign/kernel';
import type { AssetEvent, AssetState, CloneReason, KnownAsset } from './asset.js';
import { suspect } from './suspicion.js';

/** An item whose mark was scanned at a receipt. */
export interface PresentAsset {
  readonly uii: string;
  readonly parts: UiiParts | null;
  readonly nsn: string;
  readonly ric: string;
  readonly condition: string;
  readonly documentIdentifier: 'D4' | 'D6';
  readonly documentNumber: string;
  readonly year: number;
  readonly suffix: string;
  /** On the parcel. */
  readonly supplierCage: string;
  /** Supplier of the expected shipment that the parcel names; empty if it names none. */
  readonly expectedCage: string;
  readonly postedBy: string;
  readonly eventTime: string;
}

export type Presentation =
  | { readonly verdict: 'GENUINE'; readonly events: readonly AssetEvent[]; readonly held: boolean }
  | {
      readonly verdict: 'SUSPECT';
      readonly reason: CloneReason;
      readonly events: readonly AssetEvent[];
      readonly knownIn: KnownAsset | null;
    };

/**
 * Decides whether an item can be the one its mark names. Never refuses: what cannot be is an alert and a hold, and the
 * item is taken in as evidence.
 */
export function presentAsset(state: AssetState, command: PresentAsset): Presentation {
  const reason = cloneReason(state, command);
  if (reason === null)
    return { verdict: 'GENUINE', events: [received(command)], held: state.status !== 'NONE' && state.hold.kind !== 'NONE' };
  const { uii, nsn, year, ric, documentNumber, supplierCage, postedBy, eventTime } = command;
  const alert = { reason, ric, documentNumber, supplierCage };
  const events = suspect(state, { uii, nsn, year, alert, placedBy: postedBy, placedAt: eventTime });
  return { verdict: 'SUSPECT', reason, events, knownIn: state.status === 'IN_STOCK' ? state : null };
}

function cloneReason(state: AssetState, command: PresentAsset): CloneReason | null {
  if (command.expectedCage !== '' && command.expectedCage !== command.supplierCage) return 'SUPPLIER_DIFFERS';
  if (state.status === 'NONE') return null;
  if (!canArrive(state, command)) return 'ALREADY_KNOWN';
  if (differs(state, command)) return 'PARTS_DIFFER';
  return state.status === 'IN_TRANSIT' && state.supplierCage !== command.supplierCage ? 'SUPPLIER_DIFFERS' : null;
}

/** One item is in one place: it arrives from its supplier, or comes back from the unit it was delivered to. */
function canArrive(state: KnownAsset, command: PresentAsset): boolean {
  if (state.hold.kind === 'CONFIRMED_COUNTERFEIT') return false;
  switch (state.status) {
    case 'EXPECTED_NOWHERE':
      return state.hold.kind === 'NONE';
    case 'IN_TRANSIT':
      return true;
    case 'DELIVERED':
      return command.documentIdentifier === 'D6';
    case 'IN_STOCK':
    case 'ISSUED':
      return false;
  }
}

/** Equal concatenations of different parts, or of different items of supply, are two things with one mark. */
function differs(state: KnownAsset, command: PresentAsset): boolean {
  if (state.nsn !== '' && state.nsn.slice(4) !== command.nsn.slice(4)) return true;
  return state.parts !== null && command.parts !== null && !sameUiiParts(state.parts, command.parts);
}

function received(command: PresentAsset): AssetEvent {
  const { uii, parts, nsn, ric, condition, documentNumber, year, suffix, supplierCage } = command;
  return { type: 'AssetReceived', data: { uii, parts, nsn, ric, condition, documentNumber, year, suffix, supplierCage } };
}
