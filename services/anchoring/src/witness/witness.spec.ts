import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  cosignerKey,
  openCheckpoint,
  proveFork,
  rawPublicKey,
  signatureLine,
  type CosignerKey,
  type NoteKey,
} from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { SignedTree } from '../testing/signed-tree.js';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint-request.js';
import { MemoryWitnessStore } from './memory-witness-store.js';
import { Witness, type AddCheckpointOutcome } from './witness.js';

const log = new SignedTree();
const witnessKey = generateKeyPairSync('ed25519').privateKey;
const cosigner = { name: 'witness.example/w1', privateKey: witnessKey };
const pinned: CosignerKey = cosignerKey(cosigner.name, rawPublicKey(witnessKey));
const NOW = 1_767_225_600;

describe('a witness', () => {
  let store: MemoryWitnessStore;
  let witness: Witness;
  const follow = (...keys: NoteKey[]): Witness =>
    new Witness({
      store,
      cosigner,
      logs: Map.groupBy(keys, ({ name }) => name),
      logger: silentLogger,
      now: () => NOW * 1_000 + 999,
    });
  beforeEach(() => {
    store = new MemoryWitnessStore();
    witness = follow(log.noteKey);
  });

  const send = (from: number, to: number, tree = log): Promise<AddCheckpointOutcome> =>
    witness.addCheckpoint(tree.request(from, to));
  const sizeOf = async (): Promise<number> => (await store.head(log.origin)).size;
  const forks = async (): Promise<string[]> =>
    (await store.forks(log.origin)).map(({ proof }) => proveFork(proof, [log.noteKey]).kind);

  /** The cosignature verifies under the witness's key, over exactly this checkpoint. */
  function expectCosigned(outcome: AddCheckpointOutcome, note: string): void {
    if (outcome.kind !== 'cosigned') throw new Error(outcome.kind);
    const { signatures } = openCheckpoint(note + outcome.lines, log.noteKey, [pinned]);
    expect(signatures.map(({ verified, time }) => [verified, time])).toEqual([
      [true, undefined],
      [true, NOW],
    ]);
  }

  it('cosigns every head that extends the one before, at all sizes', async () => {
    let from = 0;
    for (const to of [1, 2, 3, 4, 7, 8, 9, 16, 31, 64]) {
      expectCosigned(await send(from, to), log.note(to));
      expect(await sizeOf()).toBe(to);
      from = to;
    }
    expect(await forks()).toEqual([]);
  });

  it('cosigns the same head again, which is what a retry is', async () => {
    expectCosigned(await send(0, 5), log.note(5));
    expectCosigned(await send(5, 5), log.note(5));
    expectCosigned(await witness.addCheckpoint(log.request(5, 5)), log.note(5));
  });

  it('cosigns an empty log, and remembers nothing of it', async () => {
    expectCosigned(await send(0, 0), log.note(0));
    expect(await sizeOf()).toBe(0);
    expectCosigned(await send(0, 5), log.note(5));
  });

  it('tells its size to whoever names another', async () => {
    await send(0, 9);
    for (const [from, to] of [
      [0, 9],
      [0, 20],
      [5, 20],
      [10, 20],
      [9 + 1, 9 + 1],
    ] as const) {
      expect(await send(from, to)).toEqual({ kind: 'conflict', size: 9 });
    }
    expect(await send(20, 20)).toEqual({ kind: 'conflict', size: 9 });
    expect(await sizeOf()).toBe(9);
  });

  it('refuses a rollback, also to a head that it cosigned', async () => {
    await send(0, 9);
    await send(9, 20);
    for (const to of [9, 12]) expect(await send(0, to)).toEqual({ kind: 'conflict', size: 20 });
    expect(await send(9, 9)).toEqual({ kind: 'conflict', size: 20 });
    expect(await sizeOf()).toBe(20);
    expect(await forks()).toEqual([]);
  });

  it('refuses another root of its size, and keeps the pair', async () => {
    await send(0, 9);
    expect(await send(9, 9, log.fork(3))).toEqual({ kind: 'conflict', size: 9 });
    expect(await forks()).toEqual(['same-size']);
    // A replay is no news, and the honest log goes on.
    await send(9, 9, log.fork(3));
    expect(await forks()).toHaveLength(1);
    expectCosigned(await send(9, 10), log.note(10));
  });

  it('keeps the pair for an older size too, whatever old size is named', async () => {
    await send(0, 9);
    await send(9, 20);
    expect(await send(0, 9, log.fork(3))).toEqual({ kind: 'conflict', size: 20 });
    expect(await forks()).toEqual(['same-size']);
  });

  it('refuses a fork, and keeps what its own proof shows', async () => {
    await send(0, 9);
    expect(await send(9, 20, log.fork(3))).toEqual({ kind: 'unproven' });
    expect(await forks()).toEqual(['inconsistent']);
    expect(await sizeOf()).toBe(9);
  });

  it('accuses nobody by a proof that shows nothing', async () => {
    await send(0, 9);
    const proof = log.proof(9, 20);
    for (const other of [
      [],
      proof.slice(1),
      [...proof, Buffer.alloc(32)],
      proof.with(0, Buffer.alloc(32)),
      proof.toReversed(),
      log.fork(3).proof(9, 20),
    ]) {
      const body = Buffer.from(formatAddCheckpoint(9, other, log.note(20)));
      expect(await witness.addCheckpoint(body)).toEqual({ kind: 'unproven' });
    }
    // A fork at a power of two: its proof leaves out the earlier root, so the pair alone proves nothing.
    await send(9, 16);
    expect(await send(16, 20, log.fork(3))).toEqual({ kind: 'unproven' });
    expect(await forks()).toEqual([]);
    const surplus = Buffer.from(formatAddCheckpoint(16, [Buffer.alloc(32)], log.note(16)));
    expect(await witness.addCheckpoint(surplus)).toEqual({ kind: 'unproven' });
  });

  it('needs a proof from nothing to be empty', async () => {
    const body = Buffer.from(formatAddCheckpoint(0, [Buffer.alloc(32)], log.note(5)));
    expect(await witness.addCheckpoint(body)).toEqual({ kind: 'unproven' });
    expect(await sizeOf()).toBe(0);
  });

  it('knows the logs it follows, by origin and key', async () => {
    const elsewhere = new SignedTree('elsewhere.example/log');
    expect(await send(0, 5, elsewhere)).toEqual({ kind: 'unknown-log' });
    // The right origin under a key that is not trusted for it; the key of another log it follows is none.
    const impostor = new SignedTree(log.origin);
    expect(await send(0, 5, impostor)).toEqual({ kind: 'not-signed' });
    const renamed = new SignedTree(log.origin, elsewhere.privateKey);
    expect(await follow(log.noteKey, elsewhere.noteKey).addCheckpoint(renamed.request(0, 5))).toEqual({ kind: 'not-signed' });
    expect(await sizeOf()).toBe(0);
  });

  it('ignores lines of unknown keys, and refuses a bad line of the log', async () => {
    const stranger = { name: 'someone.example', privateKey: generateKeyPairSync('ed25519').privateKey };
    const { body } = parseAddCheckpoint(log.request(0, 5));
    const more = log.note(5) + signatureLine(body, stranger);
    expectCosigned(await witness.addCheckpoint(Buffer.from(formatAddCheckpoint(0, [], more))), log.note(5));
    const note = log.note(6).replace(/\n6\n/, '\n7\n');
    expect(await witness.addCheckpoint(Buffer.from(formatAddCheckpoint(5, log.proof(5, 7), note)))).toEqual({
      kind: 'not-signed',
    });
  });

  it('takes a head under either key while a log changes its key', async () => {
    const next = new SignedTree(log.origin);
    witness = follow(log.noteKey, next.noteKey);
    await send(0, 5);
    const renewed = new SignedTree(log.origin, next.privateKey);
    const outcome = await witness.addCheckpoint(renewed.request(5, 9));
    expect(outcome.kind).toBe('cosigned');
    expect(await sizeOf()).toBe(9);
  });

  it.each([
    ['nothing', ''],
    ['no empty line', log.request(0, 5).toString().replace('\n\n', '\n')],
    ['no old size', log.request(0, 5).toString().replace('old 0', '0')],
    ['an old size with a leading zero', log.request(0, 5).toString().replace('old 0', 'old 00')],
    ['an old size with a sign', log.request(0, 5).toString().replace('old 0', 'old -0')],
    ['two spaces', log.request(0, 5).toString().replace('old 0', 'old  0')],
    ['an old size beyond 2^53 − 1', log.request(0, 5).toString().replace('old 0', 'old 9007199254740992')],
    ['an old size above the checkpoint', log.request(0, 5).toString().replace('old 0', 'old 6')],
    ['a proof line of 31 bytes', formatAddCheckpoint(3, [Buffer.alloc(31)], log.note(5))],
    ['a proof line without padding', log.request(3, 5).toString().replace('=\n', '\n')],
    [
      '64 proof lines',
      formatAddCheckpoint(
        3,
        Array.from({ length: 64 }, () => Buffer.alloc(32)),
        log.note(5),
      ),
    ],
    ['carriage returns', log.request(0, 5).toString().replaceAll('\n', '\r\n')],
    [
      'an extension line',
      log
        .request(0, 5)
        .toString()
        .replace(/(\n5\n.*\n)/, '$1more\n'),
    ],
    ['no signature', `old 0\n\n${log.note(5).split('\n\n')[0]}\n\n`],
    ['no newline at the end', log.request(0, 5).toString().slice(0, -1)],
  ])('answers that a request is malformed: %s', async (_name, text) => {
    expect(await witness.addCheckpoint(Buffer.from(text))).toMatchObject({ kind: 'malformed' });
    expect(await sizeOf()).toBe(0);
  });

  it('takes no text that is not UTF-8, and 63 proof lines', async () => {
    expect(await witness.addCheckpoint(Buffer.concat([log.request(0, 5), Buffer.from([0xff])]))).toMatchObject({
      kind: 'malformed',
    });
    const most = formatAddCheckpoint(
      0,
      Array.from({ length: 63 }, () => Buffer.alloc(32)),
      log.note(5),
    );
    expect(await witness.addCheckpoint(Buffer.from(most))).toEqual({ kind: 'unproven' });
  });

  it('cosigns nothing before it is durable: a failure before or after the commit, and then a retry', async () => {
    for (const [fault, from, to] of [
      ['before', 0, 5],
      ['after', 5, 9],
    ] as const) {
      store.fault = fault;
      await expect(send(from, to)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      const durable = fault === 'after' ? to : from;
      expect(await sizeOf()).toBe(durable);
      // The process died; another one, on the same store, is asked what the first one was asked.
      witness = follow(log.noteKey);
      const again = await send(from, to);
      if (fault === 'before') expectCosigned(again, log.note(to));
      else expect(again).toEqual({ kind: 'conflict', size: to });
      expectCosigned(await send(to, to), log.note(to));
    }
  });

  it('lets two processes on one store cosign one root of a size only', async () => {
    const [one, two] = [follow(log.noteKey), follow(log.noteKey)];
    await one.addCheckpoint(log.request(0, 4));
    const forked = log.fork(4);
    const outcomes = await Promise.all([one.addCheckpoint(log.request(4, 9)), two.addCheckpoint(forked.request(4, 9))]);
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'cosigned']);
    // Whoever lost is told of a size that he has: with the pair sent again, the fork is evidence.
    await one.addCheckpoint(log.request(9, 9));
    await two.addCheckpoint(forked.request(9, 9));
    expect(await forks()).toEqual(['same-size']);
  });
});
