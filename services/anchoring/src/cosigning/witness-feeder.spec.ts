import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import {
  cosign,
  cosignerKey,
  openUnderPolicy,
  parsePolicy,
  formatVerifierKey,
  rawPublicKey,
  type Cosigner,
} from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { LIMITS } from '../config.js';
import { ProofBuilder } from '../proofs/proof-builder.js';
import { AnchoringWorld } from '../testing/anchoring-world.js';
import { MemoryWitnessStore } from '../witness/memory-witness-store.js';
import { Witness } from '../witness/witness.js';
import { CosignedNotes } from './cosigned-notes.js';
import type { WitnessAnswer, WitnessClient } from './witness-client.js';
import { WitnessFeeder } from './witness-feeder.js';

/** A witness and the way to it, either of which may be told to fail. */
class WitnessUnderTest implements WitnessClient {
  readonly cosigner: Cosigner = { name: 'witness.example/w1', privateKey: generateKeyPairSync('ed25519').privateKey };
  readonly key = cosignerKey(this.cosigner.name, rawPublicKey(this.cosigner.privateKey));
  store = new MemoryWitnessStore();
  readonly requests: string[] = [];
  /** Replaces the next answer; a function sees the true one. */
  next: ((answer: WitnessAnswer) => WitnessAnswer) | 'unreachable' | 'answer lost' | undefined;

  constructor(private readonly world: AnchoringWorld) {}

  async addCheckpoint(_url: string, body: string): Promise<WitnessAnswer> {
    this.requests.push(body.split('\n')[0] ?? '');
    const next = this.next;
    this.next = undefined;
    if (next === 'unreachable') throw new DomainError('DEPENDENCY_UNAVAILABLE');
    const logs = Map.groupBy(
      this.world.samples.map(({ log }) => log.noteKey),
      ({ name }) => name,
    );
    const { store, cosigner } = this;
    const outcome = await new Witness({ store, cosigner, logs, logger: silentLogger }).addCheckpoint(Buffer.from(body));
    if (next === 'answer lost') throw new DomainError('DEPENDENCY_UNAVAILABLE');
    const answer = answerOf(outcome.kind, outcome);
    return next === undefined ? answer : next(answer);
  }
}

function answerOf(kind: string, outcome: object): WitnessAnswer {
  if (kind === 'cosigned' || kind === 'conflict' || kind === 'unproven') return outcome as WitnessAnswer;
  return { kind: 'refused', status: 403 };
}

describe('the feeder of a witness', () => {
  let world: AnchoringWorld;
  let witness: WitnessUnderTest;
  let feeder: WitnessFeeder;
  let cosignedSizes: number[];
  const start = (): WitnessFeeder => {
    const [live] = world.lives;
    const { leaves, trees, anchors, cosignatures } = world.stores;
    const proofs = new ProofBuilder({ leaves, trees, anchors, tiles: world.tiles, logger: silentLogger });
    const asked = { name: 'w', key: witness.key, url: 'http://witness.example' };
    const onCosigned = (size: number): Promise<void> => {
      cosignedSizes.push(size);
      return Promise.resolve();
    };
    return new WitnessFeeder(live!, asked, { client: witness, proofs, trees, cosignatures, logger: silentLogger, onCosigned });
  };
  beforeEach(async () => {
    world = await AnchoringWorld.open(1);
    witness = new WitnessUnderTest(world);
    cosignedSizes = [];
    feeder = start();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A new head, which the publisher sends. */
  async function send(size: number): Promise<void> {
    await world.grow(0, size);
    await world.publisher.step();
  }
  const later = (ms: number): void => {
    const now = Date.now() + ms;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  };
  const kept = async (size: number): Promise<number> => (await world.stores.cosignatures.at(0, size)).length;

  it('sends each head that goes to the chain, and keeps the cosignature beside it', async () => {
    for (const size of [1, 5, 300]) {
      await send(size);
      expect(await feeder.step()).toEqual({ ms: 0, wakeable: true });
      expect(await kept(size)).toBe(1);
    }
    expect(witness.requests).toEqual(['old 0', 'old 1', 'old 5']);
    expect(cosignedSizes).toEqual([1, 5, 300]);
    expect(await feeder.step()).toEqual({ ms: LIMITS.witnessPollMs, wakeable: true });
    expect(witness.requests).toHaveLength(3);
  });

  it('makes a note that a policy is met by', async () => {
    await send(9);
    await feeder.step();
    const { log } = world.samples[0]!;
    const notes = new CosignedNotes(world.stores.cosignatures, silentLogger);
    const note = await notes.noteOf(log, world.lives[0]!.head);
    const policy = parsePolicy(`witness w ${formatVerifierKey(witness.key)}\nquorum w\n`);
    expect(openUnderPolicy(note, log.noteKey, policy)).toMatchObject({ isWitnessed: true, size: 9 });
  });

  it('waits for the publisher, but not for ever', async () => {
    await world.grow(0, 5);
    expect(await feeder.step()).toEqual({ ms: LIMITS.witnessPollMs, wakeable: true });
    expect(witness.requests).toEqual([]);
    later(LIMITS.witnessPatienceMs);
    expect(await feeder.step()).toEqual({ ms: 0, wakeable: true });
    expect(await kept(5)).toBe(1);
  });

  it('goes on from what is stored after a restart', async () => {
    await send(5);
    await feeder.step();
    feeder = start();
    await send(9);
    await feeder.step();
    expect(witness.requests).toEqual(['old 0', 'old 5']);
  });

  it('sends what is on the chain, although it was sent there before a restart', async () => {
    await send(5);
    world = await world.restart();
    await world.publisher.step();
    feeder = start();
    await feeder.step();
    expect(await kept(5)).toBe(1);
  });

  it('asks again when the witness did not answer, and gets the same head cosigned when the answer was lost', async () => {
    await send(5);
    witness.next = 'unreachable';
    await expect(feeder.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    witness.next = 'answer lost';
    await expect(feeder.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    expect(await kept(5)).toBe(0);
    expect(await feeder.step()).toEqual({ ms: LIMITS.retryPauseMinMs, wakeable: false });
    await feeder.step();
    expect(await kept(5)).toBe(1);
    expect(witness.requests).toEqual(['old 0', 'old 0', 'old 0', 'old 5']);
  });

  it('sends the newest head if the witness has more than what is sent to the chain', async () => {
    await world.grow(0, 5);
    await world.grow(0, 9);
    await feeder.step();
    later(LIMITS.witnessPatienceMs);
    witness.next = 'answer lost';
    await expect(feeder.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    // The chain came back, with an older head pending.
    world.lives[0]!.sent = 5;
    await feeder.step();
    await feeder.step();
    expect(witness.requests).toEqual(['old 0', 'old 0', 'old 9']);
    expect(await kept(9)).toBe(1);
  });

  it('keeps no line that is not the pinned key’s over this checkpoint', async () => {
    await send(5);
    const other = generateKeyPairSync('ed25519').privateKey;
    const body = (): string => `${world.lives[0]!.head.note.split('\n\n')[0]}\n`;
    const lies: ((answer: WitnessAnswer) => WitnessAnswer)[] = [
      () => ({ kind: 'cosigned', lines: '' }),
      () => ({ kind: 'cosigned', lines: 'thank you\n' }),
      () => ({ kind: 'cosigned', lines: cosign(body(), { name: witness.cosigner.name, privateKey: other }, 1) }),
      () => ({ kind: 'cosigned', lines: cosign(body().replace('\n5\n', '\n6\n'), witness.cosigner, 1) }),
      () => ({ kind: 'cosigned', lines: cosign(body(), witness.cosigner, 1) + cosign(body(), witness.cosigner, 2) }),
    ];
    for (const lie of lies) {
      witness.next = lie;
      await expect(feeder.step()).rejects.toMatchObject({ code: expect.stringMatching(/^(SIGNATURE_INVALID|NOTE_MALFORMED)$/) });
      expect(await kept(5)).toBe(0);
      feeder = start();
    }
    const stranger = cosign(body(), { name: 'stranger.example', privateKey: other }, 1);
    witness.next = (answer) => ({ kind: 'cosigned', lines: stranger + (answer.kind === 'cosigned' ? answer.lines : '') });
    witness.store = new MemoryWitnessStore();
    await feeder.step();
    const [cosignature] = await world.stores.cosignatures.at(0, 5);
    expect(cosignature?.name).toBe(witness.cosigner.name);
    expect(cosignature?.line).toMatch(/^— witness\.example\/w1 \S+\n$/);
  });

  it('is troubled, and only that, by a witness that refuses', async () => {
    await send(5);
    const rest = { ms: LIMITS.witnessTroubleMs, wakeable: false };
    for (const answer of [{ kind: 'conflict', size: 0 }, { kind: 'unproven' }, { kind: 'refused', status: 404 }] as const) {
      witness.next = () => answer;
      expect(await feeder.step()).toEqual(rest);
    }
    expect(world.lives[0]!.trouble).toBeUndefined();
    witness.next = () => ({ kind: 'conflict', size: 1_000 });
    await feeder.step();
    expect(await feeder.step()).toEqual(rest);
    await send(9);
    expect(await world.anchored()).toEqual([9]);
  });
});

describe('cosigned notes', () => {
  it('leave out a stored line that does not hold, and stay as they are without any', async () => {
    const world = await AnchoringWorld.open(1);
    await world.grow(0, 5);
    const { log } = world.samples[0]!;
    const { head } = world.lives[0]!;
    const witness = new WitnessUnderTest(world);
    const notes = new CosignedNotes(world.stores.cosignatures, silentLogger);
    notes.pin([witness.key]);
    expect(await notes.noteOf(log, head)).toBe(head.note);
    expect(await notes.noteOf(log, { size: 0, root: Buffer.alloc(32), note: '' })).toBe('');
    const body = `${head.note.split('\n\n')[0]}\n`;
    const line = cosign(body.replace('\n5\n', '\n6\n'), witness.cosigner, 1);
    const { name, id: keyId } = witness.key;
    await world.stores.cosignatures.add(0, 5, { name, keyId, time: 1, line });
    expect(await notes.noteOf(log, head)).toBe(head.note);
  });
});
