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

/** Pieces of a parcel; undefined if it was never packed. */
type PiecesIn = (parcel: string) => number | undefined;

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
 * @returns undefined if a rule says no
 */
export function decide(operation: Operation, piecesIn: PiecesIn): Decision | undefined {
  const appended = appendedBy(operation, (parcel) => piecesIn(parcel) ?? 0, piecesIn);
  return appended && { seen: openedBy(operation).map((parcel) => piecesIn(parcel) ?? -1), appended };
}

function appendedBy(
  operation: Operation,
  left: (parcel: string) => number,
  piecesIn: PiecesIn,
): Decision['appended'] | undefined {
  switch (operation.kind) {
    case 'pack': {
      const { parcel, pieces } = operation;
      return piecesIn(parcel) === undefined ? [{ parcel, event: packed({ pieces }) }] : undefined;
    }
    case 'take': {
      const { parcel, pieces } = operation;
      return left(parcel) < pieces ? undefined : [{ parcel, event: taken(pieces) }];
    }
    case 'move': {
      const { from, to, pieces } = operation;
      const moved = left(to) + (from === to ? 0 : pieces);
      return left(from) < pieces
        ? undefined
        : [
            { parcel: from, event: taken(pieces) },
            { parcel: to, event: packed({ pieces: moved }) },
          ];
    }
    case 'take-from-larger': {
      const { parcel, than } = operation;
      return left(than) >= left(parcel) ? undefined : [{ parcel, event: taken(1) }];
    }
    case 'look':
      return [];
  }
}

export function piecesOf(state: ParcelState | undefined): number | undefined {
  return state?.status === 'packed' ? state.pieces : undefined;
}
