import { DomainError, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { READ_LIMITS } from './config.js';
import { auditFold, type OnFoldDiverged } from './fold-audit.js';
import { FoldCache, unfolded, type FoldCacheLimits, type FoldedStream } from './fold-cache.js';
import type { LoadedStream } from './log-store.js';
import { foldPages, isSameDigest, type FoldedPages, type StreamSource } from './stream-pages.js';
import { StreamQueue } from './stream-queue.js';

/** A stream's state and what is needed to append to it. */
export interface LoadedState<State> extends FoldedStream<State> {
  readonly unitKeyIds: ReadonlyMap<string, Uint8Array>;
}

export interface StreamLoaderOptions extends StreamSource {
  readonly limits: FoldCacheLimits;
  readonly onFoldDiverged?: OnFoldDiverged | undefined;
}

/** A long fold under way, which others that need the same state wait for. */
interface LongFold {
  readonly definition: object;
  readonly done: Promise<unknown>;
}

/**
 * Loads and folds streams; what was folded is remembered and only its end is read next time. A remembered state is used if the head
 * in the database says that the stream is exactly there (sequence and record digest), or if the first new record chains to it; else
 * it is dropped and everything is folded again. The append guards the sequence once more.
 *
 * @throws DomainError RECORD_ALTERED, EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN, UNIT_KEY_MISSING, DEPENDENCY_UNAVAILABLE
 */
export class StreamLoader {
  readonly #cache: FoldCache;
  // Owned by this loader, by stream. Only folds of more than one page are in it.
  readonly #longFolds = new Map<string, LongFold>();
  readonly #lanes = new StreamQueue();
  #longFoldCount = 0;
  #isAuditing = false;

  constructor(private readonly options: StreamLoaderOptions) {
    this.#cache = new FoldCache(options.limits);
  }

  async load<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
  ): Promise<LoadedState<State>> {
    const cached = this.#cache.get<State>(definition, streamId);
    const first = await this.options.store.loadStream(streamId, cached?.nextSequence ?? 0n);
    if (cached && !continues(cached, first)) {
      this.#cache.distrust(streamId, cached);
      return this.load(definition, streamId);
    }
    if (!cached) return this.#loadFrom(definition, streamId, unfolded(definition), first);
    try {
      const loaded = await this.#loadFrom(definition, streamId, cached, first);
      if (this.#cache.takeDue(streamId)) void this.#audit(definition, streamId, loaded);
      return loaded;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'RECORD_ALTERED') throw error;
      // Either a record was altered, or the remembered state is of another stream than this one: only the records can tell.
      this.#cache.distrust(streamId, cached);
      return this.load(definition, streamId);
    }
  }

  /** Keeps a state that was just stored, so that the next command need not read it back. */
  remember(definition: object, streamId: string, folded: FoldedStream): void {
    this.#cache.put(definition, streamId, folded);
  }

  /** Whether a state is still believed. One that is not MUST NOT be decided on. */
  isTrusted(folded: FoldedStream): boolean {
    return this.#cache.isTrusted(folded);
  }

  async #loadFrom<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
    start: FoldedStream<State>,
    first: LoadedStream,
  ): Promise<LoadedState<State>> {
    const isLong = start.nextSequence + BigInt(first.rows.length) < first.nextSequence;
    if (isLong) return this.#loadLong(definition, streamId, start);
    return this.#remembered(definition, streamId, await foldPages(this.options, definition, streamId, { start, first }));
  }

  /** A long stream is folded once, however many commands wait for it; then each looks at the head itself. */
  async #loadLong<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
    start: FoldedStream<State>,
  ): Promise<LoadedState<State>> {
    const underWay = this.#longFolds.get(streamId);
    if (underWay?.definition === definition) {
      await underWay.done;
      return this.load(definition, streamId);
    }
    const done = this.#foldInTurn(definition, streamId, start);
    this.#longFolds.set(streamId, { definition, done });
    try {
      return this.#remembered(definition, streamId, await done);
    } finally {
      this.#longFolds.delete(streamId);
    }
  }

  /** Few at a time, in the order of coming. The first page is read again when it is its turn: who waits holds no page. */
  async #foldInTurn<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
    start: FoldedStream<State>,
  ): Promise<FoldedPages<State>> {
    this.#longFoldCount += 1;
    const leave = await this.#lanes.enter(String(this.#longFoldCount % READ_LIMITS.longFoldsMax));
    try {
      const first = await this.options.store.loadStream(streamId, start.nextSequence);
      return await foldPages(this.options, definition, streamId, { start, first });
    } finally {
      leave();
    }
  }

  #remembered<State>(definition: object, streamId: string, { folded, head }: FoldedPages<State>): LoadedState<State> {
    if (folded.nextSequence > 0n) this.#cache.put(definition, streamId, folded);
    return { ...folded, unitKeyIds: head.unitKeyIds };
  }

  /** One at a time, beside the commands. */
  async #audit<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
    remembered: FoldedStream<State>,
  ): Promise<void> {
    if (this.#isAuditing) return;
    this.#isAuditing = true;
    const { onFoldDiverged = () => undefined } = this.options;
    const isRight = await auditFold(this.options, definition, streamId, { remembered, onDiverged: onFoldDiverged });
    this.#isAuditing = false;
    if (!isRight) this.#cache.distrust(streamId, remembered);
  }
}

/** Whether a cached state is a beginning of the stream as it stands. */
function continues(cached: FoldedStream, head: LoadedStream): boolean {
  if (head.nextSequence < cached.nextSequence) return false;
  if (head.nextSequence > cached.nextSequence) return true; // the first row read must chain to the cached digest
  return isSameDigest(cached.lastDigest, head.lastDigest);
}
