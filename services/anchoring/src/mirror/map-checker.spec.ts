import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { cosignerKey, openCheckpoint, rawPublicKey } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { MirroredOperator } from '../testing/mirrored-operator.js';
import { sampleEntries } from '../testing/sample-log.js';
import { MemoryWitnessStore } from '../witness/memory-witness-store.js';
import { Witness, type AddCheckpointOutcome } from '../witness/witness.js';
import { MapChecker } from './map-checker.js';
import { MemoryMirrorStore } from './memory-mirror-store.js';

const { privateKey } = generateKeyPairSync('ed25519');
const cosigner = { name: 'mirror.example/map', privateKey };
const pinned = cosignerKey(cosigner.name, rawPublicKey(privateKey));
const AWAY = { code: 'DEPENDENCY_UNAVAILABLE' };

describe('a map checker', () => {
  let operator: MirroredOperator;
  let store: MemoryMirrorStore;
  let heads: MemoryWitnessStore;
  let witness: Witness;

  /** A process on what is durable. */
  function start(): void {
    const checker = new MapChecker(operator.baseKey, { store, source: operator, logger: silentLogger });
    witness = new Witness({
      store: heads,
      cosigner,
      logs: new Map([[operator.headsOrigin, [operator.headsKey]]]),
      logger: silentLogger,
      admits: (checkpoint, note) => checker.admits(checkpoint, note),
    });
  }
  beforeEach(() => {
    operator = new MirroredOperator();
    store = new MemoryMirrorStore();
    heads = new MemoryWitnessStore();
    start();
  });

  const send = (from: number, to?: number): Promise<AddCheckpointOutcome> => witness.addCheckpoint(operator.request(from, to));
  const cosigned = async (): Promise<number> => (await heads.head(operator.headsOrigin)).size;
  const copied = async (origin = operator.origin): Promise<number> => (await store.head(origin)).size;

  async function expectRefused(from: number, headsIndex: number, rule: string | RegExp): Promise<void> {
    expect(await send(from)).toEqual({ kind: 'refused' });
    expect(await cosigned()).toBe(from);
    const refusal = await store.refusal(operator.headsOrigin);
    expect(refusal).toEqual({ headsIndex, rule: expect.stringMatching(rule), note: operator.headsNote() });
    // For good: in another process, and with the truth after it.
    start();
    await operator.head(190);
    expect(await send(from)).toEqual({ kind: 'refused' });
  }

  it('cosigns heads whose maps it recomputed, step by step and after a restart', async () => {
    for (const [index, size] of [1, 2, 50, 90, 130].entries()) {
      await operator.head(size);
      const outcome = await send(index);
      if (outcome.kind !== 'cosigned') throw new Error(outcome.kind);
      const { signatures } = openCheckpoint(operator.headsNote() + outcome.lines, operator.headsKey, [pinned]);
      expect(signatures.map(({ verified }) => verified)).toEqual([true, true]);
      expect(await copied()).toBe(size);
      if (index === 2) start();
    }
    expect(await store.entries(operator.origin, 0, 200)).toEqual(operator.base.slice(0, 130));
    expect(await store.entries(operator.headsOrigin, 0, 9)).toEqual(operator.heads);
  });

  it.each<[string, Parameters<MirroredOperator['head']>[1], RegExp]>([
    ['a wrong map root', { mapRoot: Buffer.alloc(32, 1) }, /map root/],
    ['a base root that the copy does not have', { baseRoot: Buffer.alloc(32, 1) }, /base root/],
    ['a size that does not rise', { baseSize: 40n }, /strictly rise/],
    ['a size below the one before', { baseSize: 39n }, /strictly rise/],
  ])('refuses %s for good, and keeps the evidence', async (_, lie, rule) => {
    await operator.head(40);
    expect((await send(0)).kind).toBe('cosigned');
    await operator.head(60, lie);
    await expectRefused(1, 1, rule);
  });

  it('refuses a lie that a later entry hides', async () => {
    await operator.head(40, { mapRoot: Buffer.alloc(32, 1) });
    await operator.head(60);
    await expectRefused(0, 0, /map root/);
  });

  it('refuses a log that left an entry of an item out, although tree and map agree', async () => {
    operator.base.splice(45, 1);
    await operator.head(100);
    await expectRefused(0, 0, /sequences/);
  });

  it('remembers a refusal, whatever the log says later', async () => {
    await store.refuse(operator.headsOrigin, { headsIndex: 0, rule: 'any', note: 'note' });
    await operator.head(60);
    expect(await send(0)).toEqual({ kind: 'refused' });
    expect([await copied(), await cosigned()]).toEqual([0, 0]);
  });

  it('waits for the base log: an entry about more than is served is not cosigned', async () => {
    await operator.head(60);
    operator.baseSize = 50;
    await expect(send(0)).rejects.toMatchObject(AWAY);
    operator.baseSize = 60;
    expect((await send(0)).kind).toBe('cosigned');
  });

  it.each(['base', 'heads'])(
    'stores nothing of a %s log that withholds or invents an entry, and goes on when it gives them',
    async (which) => {
      await operator.head(60);
      const origin = which === 'base' ? operator.origin : operator.headsOrigin;
      const honest = operator.serve;
      operator.serve = (entries, of) => (of === origin ? [] : entries);
      await expect(send(0)).rejects.toMatchObject(AWAY);
      operator.serve = (entries, of) => (of === origin ? [...entries.slice(0, -1), ...sampleEntries(7, 8, 'invented')] : entries);
      expect(await send(0)).toEqual({ kind: 'unproven' });
      expect([await copied(origin), await cosigned()]).toEqual([0, 0]);
      operator.serve = honest;
      expect((await send(0)).kind).toBe('cosigned');
    },
  );

  it('keeps the pair if the log signs two trees of one size', async () => {
    await operator.head(60);
    expect((await send(0)).kind).toBe('cosigned');
    operator.base = [...sampleEntries(0, 59), ...sampleEntries(59, 200, 'forged')];
    await operator.head(60);
    expect(await send(1)).toEqual({ kind: 'unproven' });
    expect([store.forks.size, await cosigned()]).toEqual([1, 1]);
  });

  it.each(['before', 'after'] as const)('says nothing if the database fails %s it stored, and the truth later', async (fault) => {
    await operator.head(60);
    store.fault = fault;
    await expect(send(0)).rejects.toMatchObject(AWAY);
    expect([await copied(), await cosigned()]).toEqual([fault === 'before' ? 0 : 60, 0]);
    start();
    expect((await send(0)).kind).toBe('cosigned');
  });

  it('gives the cosignature after a crash between persisting and cosigning', async () => {
    await operator.head(60);
    heads.fault = 'after';
    await expect(send(0)).rejects.toMatchObject(AWAY);
    start();
    expect(await send(0)).toEqual({ kind: 'conflict', size: 1 });
    expect((await send(1)).kind).toBe('cosigned');
  });

  it('judges one request at a time', async () => {
    await operator.head(60);
    await operator.head(80);
    const outcomes = await Promise.all([send(0, 1), send(0, 2), send(0, 1)]);
    expect(outcomes.some(({ kind }) => kind === 'cosigned')).toBe(true);
    expect((await send(await cosigned(), 2)).kind).toBe('cosigned');
  });
});
