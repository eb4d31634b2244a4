import { DomainError, type DomainEvent, type ErrorCode, type StreamDefinition } from '@countersign/kernel';
import { unfolded, type FoldedStream } from './fold-cache.js';
import type { LoadedStream } from './log-store.js';
import { isSameState } from './same-state.js';
import { foldPages, isSameDigest, type StreamSource } from './stream-pages.js';

/** Told of a remembered state that is not what its records fold to, or of records that do not fold any more. */
export type OnFoldDiverged = (error: DomainError) => void;

/** What says that records do not fold any more. */
const ABOUT_RECORDS: ReadonlySet<ErrorCode> = new Set([
  'RECORD_ALTERED',
  'EVENT_TYPE_UNKNOWN',
  'EVENT_FIELD_UNKNOWN',
  'UNIT_KEY_MISSING',
]);

/**
 * Folds a remembered state's records anew and compares. Sequence and digest of a state are checked whenever it is used; that the
 * state itself is right rests on `evolve` being pure and nobody changing a state. This finds out where that does not hold.
 *
 * @returns false if the state must not be used any more; `onDiverged` was told why
 */
export async function auditFold<State, Event extends DomainEvent>(
  source: StreamSource,
  definition: StreamDefinition<State, Event>,
  streamId: string,
  { remembered, onDiverged }: { readonly remembered: FoldedStream<State>; readonly onDiverged: OnFoldDiverged },
): Promise<boolean> {
  try {
    const upTo = endingAt(source, remembered);
    const start = unfolded(definition);
    const { folded } = await foldPages(upTo, definition, streamId, { start, first: await upTo.store.loadStream(streamId, 0n) });
    if (isSameDigest(folded.lastDigest, remembered.lastDigest) && isSameState(folded.state, remembered.state)) return true;
    const context = { streamId, sequence: String(remembered.nextSequence) };
    onDiverged(new DomainError('FOLD_DIVERGED', { context }));
    return false;
  } catch (error) {
    // A part that does not answer says nothing about the state: it is asked again when the state is next due.
    if (!(error instanceof DomainError) || !ABOUT_RECORDS.has(error.code)) return true;
    onDiverged(error);
    return false;
  }
}

/** The stream as it stood when the state was remembered, whatever came after. */
function endingAt(source: StreamSource, { nextSequence, lastDigest }: FoldedStream): StreamSource {
  const loadStream = async (streamId: string, from: bigint): Promise<LoadedStream> => {
    const page = await source.store.loadStream(streamId, from);
    return { ...page, nextSequence, lastDigest, rows: page.rows.filter(({ sequence }) => sequence < nextSequence) };
  };
  return { ...source, store: { loadStream } };
}
