import { createSecretKey } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError, PersistentMap, type StreamDefinition } from '@countersign/kernel';
import { JOURNAL_LIMITS, READ_LIMITS } from './config.js';
import { LogJournal } from './log-journal.js';
import { logOpening } from './log-opening.js';
import type { LoadedStream, LogStore } from './log-store.js';
import { createMemoryIdentity } from './memory/memory-identity.js';
import { MemoryStore } from './memory/memory-store.js';
import { envelopeOf, packed, PARCEL, taken, type ParcelEvent, type ParcelState } from './parcel-fixture.js';
import { isSameState } from './same-state.js';
import { recordSealer } from './sealing.js';
import { StreamLoader } from './stream-loader.js';
import { createMemoryUnitKeys } from './unit-keys.js';

const PAGE_ROWS = 7;
const STREAM = 'parcel/p';
const LIMITS = { ...JOURNAL_LIMITS, usesPerRefoldedEvent: 0, usesMin: 3 };

/** Another build of the same streams: its fold counts double. */
const OTHER_PARCEL: StreamDefinition<ParcelState, ParcelEvent> = {
  ...PARCEL,
  evolve: (state, event) => PARCEL.evolve(PARCEL.evolve(state, event), event),
};

describe('Loading a stream', () => {
  const identity = createMemoryIdentity();
  const unitKeys = createMemoryUnitKeys();
  const sealer = recordSealer({ identity, label: 'UNCLASSIFIED', policy: 'test' });
  let memory: MemoryStore;
  let store: LogStore;
  let pages: bigint[];
  let faults: DomainError[];
  let loader: StreamLoader;
  let journal: LogJournal;

  beforeEach(async () => {
    memory = new MemoryStore();
    memory.settle(logOpening(identity, sealer, { pseudonym: 'memory', actingFor: 'memory' }, new Date()));
    [pages, faults] = [[], []];
    const loadStream = async (streamId: string, from: bigint): Promise<LoadedStream> => {
      pages.push(from);
      const stream = await memory.loadStream(streamId, from);
      return { ...stream, rows: stream.rows.slice(0, PAGE_ROWS) };
    };
    store = Object.assign(Object.create(memory) as LogStore, { loadStream });
    loader = loaderOf();
    journal = new LogJournal({
      store: memory,
      sealer,
      unitKeys,
      requestDigestKey: identity.requestDigestKey,
      clock: () => new Date(),
    });
    await append(packed({ pieces: 1_000 }), ...Array.from({ length: 19 }, () => taken(1)));
    pages = [];
  });

  const loaderOf = (): StreamLoader =>
    new StreamLoader({ store, sealer, unitKeys, limits: LIMITS, onFoldDiverged: (error) => faults.push(error) });
  const append = (...events: ParcelEvent[]): Promise<unknown> =>
    journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'p')).append(...events));
  const piecesOf = async (definition = PARCEL): Promise<number> => {
    const { state } = await loader.load(definition, STREAM);
    return state.status === 'packed' ? state.pieces : -1;
  };
  const head = (): Promise<LoadedStream> => memory.loadStream(STREAM, 1_000n);
  const plant = async (state: unknown, change: Partial<LoadedStream> = {}, definition: object = PARCEL): Promise<void> => {
    const { nextSequence, lastDigest } = { ...(await head()), ...change };
    loader.remember(definition, STREAM, { nextSequence, lastDigest, state, lineage: {} });
  };
  const WRONG: ParcelState = { status: 'packed', pieces: 5, contents: '', signedBy: '' };

  it('reads each page once, then only what is new', async () => {
    expect([await piecesOf(), pages]).toEqual([981, [0n, 0n, 7n, 14n]]);
    pages = [];
    await append(taken(1));
    expect([await piecesOf(), await piecesOf(), pages]).toEqual([980, 980, [20n, 21n]]);
  });

  it('folds a long stream once for all that wait for it', async () => {
    expect(await Promise.all([piecesOf(), piecesOf(), piecesOf()])).toEqual([981, 981, 981]);
    expect(pages.filter((from) => from === 7n)).toHaveLength(1);
  });

  it('folds few long streams at a time, and all of them in the end', async () => {
    const streams = Array.from({ length: 6 }, (_, index) => `q${index}`);
    for (const key of streams) {
      const events = [packed({ pieces: 100 }), ...Array.from({ length: 19 }, () => taken(1))];
      await journal.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, key)).append(...events));
    }
    const folding = new Set<string>();
    let most = 0;
    const loadStream = store.loadStream.bind(store);
    Object.assign(store, {
      loadStream: (streamId: string, from: bigint) => {
        // Between its second page and its third, which is the last one.
        if (from === 7n) folding.add(streamId);
        if (from === 14n) folding.delete(streamId);
        most = Math.max(most, folding.size);
        return loadStream(streamId, from);
      },
    });
    const states = await Promise.all(streams.map(async (key) => (await loader.load(PARCEL, `parcel/${key}`)).state));
    expect(states).toEqual(streams.map(() => expect.objectContaining({ pieces: 81 })));
    expect(most).toBe(READ_LIMITS.longFoldsMax);
  });

  it('tells all that wait why a long stream cannot be folded, and begins anew', async () => {
    let isDown = true;
    const keys = { get: (ids: readonly Uint8Array[]) => (isDown ? Promise.resolve(new Map()) : unitKeys.get(ids)) };
    await append({ type: 'ParcelPacked', data: { uii: 'U', pieces: 3, contents: 'tools' } });
    loader = new StreamLoader({ store, sealer, unitKeys: keys, limits: LIMITS });
    const outcomes = await Promise.allSettled([piecesOf(), piecesOf()]);
    expect(outcomes).toEqual(
      [1, 2].map(() => expect.objectContaining({ reason: expect.objectContaining({ code: 'UNIT_KEY_MISSING' }) })),
    );
    isDown = false;
    expect(await piecesOf()).toBe(3);
  });

  it('lets other work in between', async () => {
    await append(...Array.from({ length: 900 }, () => taken(1)));
    let turns = 0;
    let isFolding = true;
    const watch = (): void => {
      turns += 1;
      if (isFolding) setImmediate(watch);
    };
    setImmediate(watch);
    await new StreamLoader({ store: memory, sealer, unitKeys, limits: LIMITS }).load(PARCEL, STREAM);
    isFolding = false;
    expect(turns).toBeGreaterThan(10);
  });

  describe('with a wrong state in memory', () => {
    it('of another record at the same sequence: drops it', async () => {
      await plant(WRONG, { lastDigest: Buffer.alloc(32) });
      expect(await piecesOf()).toBe(981);
    });

    it('of a stream that went on differently: drops it', async () => {
      await plant(WRONG, { nextSequence: 10n, lastDigest: Buffer.alloc(32) });
      expect(await piecesOf()).toBe(981);
    });

    it('of a longer stream, as after a rewind: drops it', async () => {
      await plant(WRONG, { nextSequence: 30n });
      expect(await piecesOf()).toBe(981);
    });

    it('of another version of the fold: does not even look at it', async () => {
      await plant(WRONG, {}, OTHER_PARCEL);
      expect(await piecesOf()).toBe(981);
      expect(await piecesOf(OTHER_PARCEL)).toBe(962);
      expect(await piecesOf()).toBe(981);
    });

    it('with everything right but the state: finds it by folding anew, says so and drops it', async () => {
      await plant(WRONG);
      await untilReported();
      expect(faults).toEqual([
        expect.objectContaining({ code: 'FOLD_DIVERGED', detail: { context: { streamId: STREAM, sequence: '20' } } }),
      ]);
      expect(await piecesOf()).toBe(981);
    });

    it('of records that were altered since: says so, and then refuses', async () => {
      expect(await piecesOf()).toBe(981);
      const loadStream = async (streamId: string, from: bigint): Promise<LoadedStream> => {
        const stream = await memory.loadStream(streamId, from);
        return { ...stream, rows: stream.rows.map((row) => (row.sequence === 3n ? { ...row, eventId: 'other' } : row)) };
      };
      Object.assign(store, { loadStream });
      await untilReported();
      expect(faults.map(({ code }) => code)).toEqual(['RECORD_ALTERED']);
      await expect(piecesOf()).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
    });

    it('perhaps, while the key service does not answer: goes on, and asks again later', async () => {
      let isDown = false;
      const get = (ids: readonly Uint8Array[]): ReturnType<typeof unitKeys.get> =>
        isDown ? Promise.reject(new DomainError('DEPENDENCY_UNAVAILABLE')) : unitKeys.get(ids);
      loader = new StreamLoader({
        store,
        sealer,
        unitKeys: { get },
        limits: LIMITS,
        onFoldDiverged: (error) => faults.push(error),
      });
      await plant(WRONG);
      isDown = true;
      for (let uses = 0; uses < 20; uses += 1) expect(await piecesOf()).toBe(5);
      expect(faults).toEqual([]);
      isDown = false;
      await untilReported();
    });

    it('that a decision was made on before it was found: decides again', async () => {
      const onFoldDiverged = (error: DomainError): unknown => faults.push(error);
      const parts = { store: memory, sealer, unitKeys, requestDigestKey: identity.requestDigestKey, clock: () => new Date() };
      const careless = new LogJournal({ ...parts, limits: LIMITS, onFoldDiverged });
      await careless.execute(envelopeOf(), async (unit) => Object.assign((await unit.open(PARCEL, 'p')).state, WRONG));
      const seen: ParcelState[] = [];
      await careless.execute(envelopeOf(), async (unit) => {
        const parcel = await unit.open(PARCEL, 'p');
        seen.push(parcel.state);
        for (let uses = 0; uses < 100 && faults.length === 0; uses += 1) await careless.read(PARCEL, 'p');
        parcel.append(taken(1));
      });
      expect(seen).toEqual([WRONG, { ...WRONG, pieces: 981 }]);
      expect(await careless.read(PARCEL, 'p')).toMatchObject({ pieces: 980 });
    });

    /** Uses the state until it is due and the audit beside has come to its end. */
    async function untilReported(): Promise<void> {
      for (let uses = 0; uses < 100 && faults.length === 0; uses += 1) await piecesOf().catch(() => 0);
      expect(faults).not.toEqual([]);
    }
  });

  it('guards a decision at the append, too', async () => {
    const { recorded } = await journal.execute(envelopeOf(), async (unit) => {
      const parcel = await unit.open(PARCEL, 'p');
      if (parcel.state.status === 'packed' && parcel.state.pieces === 981) await appendElsewhere(taken(981));
      if (parcel.state.status === 'packed' && parcel.state.pieces > 0) parcel.append(taken(1));
    });
    expect([recorded, await piecesOf()]).toEqual([[], 0]);
  });

  /** As another process does. */
  function appendElsewhere(event: ParcelEvent): Promise<unknown> {
    const other = new LogJournal({
      store: memory,
      sealer,
      unitKeys,
      requestDigestKey: identity.requestDigestKey,
      clock: () => new Date(),
    });
    return other.execute(envelopeOf(), async (unit) => (await unit.open(PARCEL, 'p')).append(event));
  }
});

describe('Two states', () => {
  const key = createSecretKey(Buffer.alloc(32));
  it.each([
    [{ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: 1 }, { b: 1 }, false],
    [[1, 2], [1, 2, 3], false],
    [[1, 2, 3], [1, 2], false],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 2 }]]), false],
    [PersistentMap.of([['a', 1], ['b', 2]]), PersistentMap.of([['b', 2], ['a', 1]]), true], // prettier-ignore
    [PersistentMap.of([['a', 1], ['b', 2]]), PersistentMap.of([['a', 1], ['b', 3]]), false], // prettier-ignore
    [new Set([1]), [1], false],
    [null, {}, false],
    [Number.NaN, Number.NaN, true],
    [key, key, true],
  ])('%p and %p are the same: %p', (one, other, same) => {
    expect(isSameState(one, other)).toBe(same);
  });
});
