import { DomainError, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { eventsOf } from './events-of.js';
import { FoldCache, type FoldedStream } from './fold-cache.js';
import { foldPlanOf, type FoldPlan } from './fold-plan.js';
import type { OpenedRow } from './log-reader.js';
import type { LoadedStream, LogStore } from './log-store.js';
import { requireIntact } from './row-opening.js';
import type { RecordSealer } from './sealing.js';
import type { UnitKeyStore } from './unit-keys.js';

/** A stream's state and what is needed to append to it. */
export interface LoadedState<State> extends FoldedStream<State> {
  readonly unitKeyIds: ReadonlyMap<string, Uint8Array>;
}

/**
 * Loads and folds streams. On read it checks again what was checked on write: dense sequence, unbroken chain of record
 * digests, entry and columns equal to the header, disclosures equal to their digests. A failed check is not repaired.
 *
 * @throws DomainError RECORD_ALTERED, EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN, UNIT_KEY_MISSING
 */
export class StreamLoader {
  readonly #cache: FoldCache;

  constructor(
    private readonly store: LogStore,
    private readonly sealer: RecordSealer,
    private readonly unitKeys: UnitKeyStore,
    foldedStreamsMax: number,
  ) {
    this.#cache = new FoldCache(foldedStreamsMax);
  }

  async load<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
  ): Promise<LoadedState<State>> {
    const cached = this.#cache.get<State>(definition, streamId);
    const first = await this.store.loadStream(streamId, cached?.nextSequence ?? 0n);
    if (cached && !continues(cached, first)) {
      this.#cache.delete(streamId);
      return this.load(definition, streamId);
    }
    const start = cached ?? { nextSequence: 0n, lastDigest: undefined, state: definition.initial };
    return this.#foldPages(definition, streamId, start, first);
  }

  /** Keeps a state that was just stored, so that the next command need not read it back. */
  remember(definition: object, streamId: string, folded: FoldedStream): void {
    this.#cache.put(definition, streamId, folded);
  }

  async #foldPages<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
    start: FoldedStream<State>,
    first: LoadedStream,
  ): Promise<LoadedState<State>> {
    let folded = start;
    let page = first;
    for (;;) {
      folded = await this.#foldPage(definition, folded, page);
      if (folded.nextSequence >= page.nextSequence) break;
      if (page.rows.length === 0) throw altered(streamId, folded.nextSequence);
      page = await this.store.loadStream(streamId, folded.nextSequence);
    }
    if (folded.nextSequence !== page.nextSequence || !sameDigest(folded.lastDigest, page.lastDigest))
      throw altered(streamId, page.nextSequence);
    if (folded.nextSequence > 0n) this.#cache.put(definition, streamId, folded);
    return { ...folded, unitKeyIds: page.unitKeyIds };
  }

  async #foldPage<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    start: FoldedStream<State>,
    page: LoadedStream,
  ): Promise<FoldedStream<State>> {
    if (page.rows.length === 0) return start;
    const plan = foldPlanOf(definition);
    const keyIds = foldingKeyIds(plan, page);
    const keys = await this.unitKeys.get([...keyIds.values()]);
    let { nextSequence, lastDigest, state } = start;
    for (const row of page.rows) {
      const opened = requireIntact(this.sealer.open(row, keys));
      if (row.sequence !== nextSequence || !sameDigest(opened.header.prev, lastDigest)) throw altered(row.streamId, row.sequence);
      requireFoldable(opened, keyIds, page);
      for (const event of eventsOf(definition, opened)) state = definition.evolve(state, event);
      lastDigest = opened.recordDigest;
      nextSequence += 1n;
    }
    return { nextSequence, lastDigest, state };
  }
}

/** Whether a cached state is a beginning of the stream as it stands. */
function continues(cached: FoldedStream, head: LoadedStream): boolean {
  if (head.nextSequence < cached.nextSequence) return false;
  if (head.nextSequence > cached.nextSequence) return true; // the first row read must chain to the cached digest
  return sameDigest(cached.lastDigest, head.lastDigest);
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
    if (!bound) throw altered(streamId, sequence);
  }
}

function sameDigest(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}

function altered(streamId: string, sequence: bigint): DomainError {
  return new DomainError('RECORD_ALTERED', { context: { streamId, sequence: String(sequence) } });
}
