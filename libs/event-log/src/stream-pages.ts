import { setImmediate as turn } from 'node:timers/promises';
import type { KeyObject } from 'node:crypto';
import { DomainError, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { READ_LIMITS } from './config.js';
import { eventsOf } from './events-of.js';
import type { FoldedStream } from './fold-cache.js';
import { foldPlanOf, type FoldPlan } from './fold-plan.js';
import type { LogRow, OpenedRow } from './log-reader.js';
import type { LoadedStream, LogStore } from './log-store.js';
import { requireIntact } from './row-opening.js';
import type { RecordSealer } from './sealing.js';
import type { UnitKeyStore } from './unit-keys.js';

/** What reading a stream needs. */
export interface StreamSource {
  readonly store: Pick<LogStore, 'loadStream'>;
  readonly sealer: Pick<RecordSealer, 'open'>;
  readonly unitKeys: Pick<UnitKeyStore, 'get'>;
}

/** A state, and the stream's head as it stood when its last page was read. */
export interface FoldedPages<State> {
  readonly folded: FoldedStream<State>;
  readonly head: LoadedStream;
}

/**
 * Folds a stream from a state on, page by page; the next page is on its way while one is folded. On read it checks again what was
 * checked on write: dense sequence, unbroken chain of record digests, entry and columns equal to the header, disclosures equal to
 * their digests, fields as the schema has them. A failed check is not repaired.
 *
 * @param first the page that begins at the state
 * @throws DomainError RECORD_ALTERED, EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN, UNIT_KEY_MISSING, DEPENDENCY_UNAVAILABLE
 */
export async function foldPages<State, Event extends DomainEvent>(
  source: StreamSource,
  definition: StreamDefinition<State, Event>,
  streamId: string,
  { start, first }: { readonly start: FoldedStream<State>; readonly first: LoadedStream },
): Promise<FoldedPages<State>> {
  let folded = start;
  let page = first;
  for (;;) {
    const end = folded.nextSequence + BigInt(page.rows.length);
    const next = end < page.nextSequence ? source.store.loadStream(streamId, end) : undefined;
    // What fails while it is on its way is reported when it is waited for, or not at all if folding fails first.
    next?.catch(() => undefined);
    folded = await foldPage(source, definition, folded, page);
    if (!next) break;
    if (page.rows.length === 0) throw alteredAt(streamId, folded.nextSequence);
    page = await next;
  }
  if (folded.nextSequence !== page.nextSequence || !isSameDigest(folded.lastDigest, page.lastDigest))
    throw alteredAt(streamId, page.nextSequence);
  return { folded, head: page };
}

export function isSameDigest(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}

async function foldPage<State, Event extends DomainEvent>(
  source: StreamSource,
  definition: StreamDefinition<State, Event>,
  start: FoldedStream<State>,
  page: LoadedStream,
): Promise<FoldedStream<State>> {
  if (page.rows.length === 0) return start;
  const keyIds = foldingKeyIds(foldPlanOf(definition), page);
  const keys = await source.unitKeys.get([...keyIds.values()]);
  let folded = start;
  for (let at = 0; at < page.rows.length; at += READ_LIMITS.foldedAtOnce) {
    // Folding is work of the processor: other commands of the process have to get in between.
    if (at > 0) await turn();
    for (const row of page.rows.slice(at, at + READ_LIMITS.foldedAtOnce))
      folded = foldRow(source.sealer, definition, folded, { row, keys, keyIds, page });
  }
  return folded;
}

interface RowContext {
  readonly row: LogRow;
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly keyIds: ReadonlyMap<string, Uint8Array>;
  readonly page: LoadedStream;
}

function foldRow<State, Event extends DomainEvent>(
  sealer: StreamSource['sealer'],
  definition: StreamDefinition<State, Event>,
  { nextSequence, lastDigest, state, lineage }: FoldedStream<State>,
  { row, keys, keyIds, page }: RowContext,
): FoldedStream<State> {
  const opened = requireIntact(sealer.open(row, keys));
  if (row.sequence !== nextSequence || !isSameDigest(opened.header.prev, lastDigest)) throw alteredAt(row.streamId, row.sequence);
  requireFoldable(opened, keyIds, page);
  const events = eventsOf(definition, opened);
  return {
    nextSequence: nextSequence + 1n,
    lastDigest: opened.recordDigest,
    state: events.reduce((before, event) => definition.evolve(before, event), state),
    lineage,
  };
}

/** The keys that folding needs, by hex of their id. */
function foldingKeyIds(plan: FoldPlan, page: LoadedStream): ReadonlyMap<string, Uint8Array> {
  const needed = new Map<string, Uint8Array>();
  for (const [group, keyId] of page.unitKeyIds) {
    if (!plan.erasableGroups.has(group)) needed.set(Buffer.from(keyId).toString('hex'), keyId);
  }
  return needed;
}

/** A withheld disclosure is fine if its group may be erased; any other would change the state silently. */
function requireFoldable(opened: OpenedRow, needed: ReadonlyMap<string, Uint8Array>, page: LoadedStream): void {
  const { streamId, sequence } = opened.row;
  for (const { keyId } of opened.withheld) {
    if (needed.has(keyId))
      throw new DomainError('UNIT_KEY_MISSING', { context: { streamId, sequence: String(sequence), keyId } });
    const bound = [...page.unitKeyIds.values()].some((id) => Buffer.from(id).toString('hex') === keyId);
    if (!bound) throw alteredAt(streamId, sequence);
  }
}

function alteredAt(streamId: string, sequence: bigint): DomainError {
  return new DomainError('RECORD_ALTERED', { context: { streamId, sequence: String(sequence) } });
}
