import type { InboxEntry } from '../journal.js';
import { packed, taken, type ParcelEvent, type ParcelState } from '../parcel-fixture.js';

/** A command in the words of the test's domain: parcels of which pieces are taken. */
export type Operation =
  | { readonly kind: 'pack'; readonly parcel: string; readonly pieces: number }
  | { readonly kind: 'take'; readonly parcel: string; readonly pieces: number }
  /** Two streams at once. */
  | { readonly kind: 'move'; readonly from: string; readonly to: string; readonly pieces: number }
  /** Rests on a stream that it only reads. */
  | { readonly kind: 'take-from-larger'; readonly parcel: string; readonly than: string }
  /** Appends nothing. */
  | { readonly kind: 'look'; readonly parcel: string };

/** One command as a client sends it, once or several times. */
export interface Submission {
  /** Command id; the principal is always the same. */
  readonly commandId: string;
  /** Two submissions of one id with different bodies are different requests. */
  readonly body: string;
  readonly operation: Operation;
  readonly inbox: InboxEntry | undefined;
}

/** What a decision looked at and what it appends, in order. */
export interface Decision {
  readonly seen: readonly number[];
  readonly appended: readonly { readonly parcel: string; readonly event: ParcelEvent }[];
}

/** A rule of the domain said no. */
export class Refusal extends Error {}

/** Parcels that a decision opens, in order. */
export function openedBy(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'move':
      return operation.from === operation.to ? [operation.from] : [operation.from, operation.to];
    case 'take-from-larger':
      return [operation.than, operation.parcel];
    default:
      return [operation.parcel];
  }
}

/**
 * Decides from the pieces of each parcel; undefined for one that was never packed. Pure.
 *
 * @throws Refusal
 */
export function decide(operation: Operation, piecesIn: (parcel: string) => number | undefined): Decision {
  const seen = openedBy(operation).map((parcel) => piecesIn(parcel) ?? -1);
  switch (operation.kind) {
    case 'pack':
      if (piecesIn(operation.parcel) !== undefined) throw new Refusal('packed already');
      return { seen, appended: [{ parcel: operation.parcel, event: packed({ pieces: operation.pieces }) }] };
    case 'take':
      return { seen, appended: [take(operation.parcel, operation.pieces, piecesIn)] };
    case 'move': {
      const moved = take(operation.from, operation.pieces, piecesIn);
      const left =
        operation.from === operation.to ? (piecesIn(operation.to) ?? 0) - operation.pieces : (piecesIn(operation.to) ?? 0);
      return { seen, appended: [moved, { parcel: operation.to, event: packed({ pieces: left + operation.pieces }) }] };
    }
    case 'take-from-larger':
      if ((piecesIn(operation.than) ?? 0) >= (piecesIn(operation.parcel) ?? 0)) throw new Refusal('not the larger one');
      return { seen, appended: [take(operation.parcel, 1, piecesIn)] };
    case 'look':
      return { seen, appended: [] };
  }
}

export function piecesOf(state: ParcelState | undefined): number | undefined {
  return state?.status === 'packed' ? state.pieces : undefined;
}

function take(
  parcel: string,
  pieces: number,
  piecesIn: (parcel: string) => number | undefined,
): { readonly parcel: string; readonly event: ParcelEvent } {
  if ((piecesIn(parcel) ?? 0) < pieces) throw new Refusal('too few pieces');
  return { parcel, event: taken(pieces) };
}
