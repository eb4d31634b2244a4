import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import { consistencyProof, leafHash, MemoryTree, rootAt } from '@countersign/merkle';
import { signAttestation } from './attestation.js';
import { logKey, type Chain, type HeadCommit, type Settlement } from './chain.js';
import type { RecordedBroadcasts } from './recorded-broadcasts.js';

/** A chain with adapters that speak to it under different keys. The first one's key is a member's, and publishes. */
export interface ChainUnderTest {
  readonly chain: Chain;
  readonly broadcasts: RecordedBroadcasts;
  /** Another publisher's adapter. */
  readonly stranger: Chain;
  /** The first one's key once more; of the logs that it lists two of three other members must attest every head. */
  readonly attested: Chain;
  /** The keys of those three. */
  readonly attesterKeys: readonly Uint8Array[];
  /** The members give the log to the stranger's key. */
  replacePublisher(logId: Uint8Array): Promise<void>;
  /** The members close the log at one of its heads. */
  closeLog(logId: Uint8Array, size: number, successor: Uint8Array): Promise<void>;
  readonly finality: string;
  close(): Promise<void>;
}

/** A log with leaves enough for any head of a test. */
export class TestLog {
  readonly logId = randomBytes(32);
  readonly key = logKey(this.logId);
  readonly #tree: MemoryTree;

  constructor(salt = 'a') {
    this.#tree = new MemoryTree(Array.from({ length: 64 }, (_, index) => leafHash(Buffer.from(`${salt} ${index}`))));
  }

  commit(from: number, size: number, epoch = 1): HeadCommit {
    return {
      logId: this.logId,
      epoch,
      size,
      root: rootAt(this.#tree, size),
      consistencyProof: from === 0 ? [] : consistencyProof(this.#tree, from, size),
      checkpointSignature: Buffer.alloc(64, 1),
      attestations: [],
    };
  }
}

/** What every adapter of the chain port must do (formats §8). Run on the fake and on a real node. */
export function chainContract(name: string, start: () => Promise<ChainUnderTest>): void {
  describe(`${name} keeps the chain contract`, () => {
    let world: ChainUnderTest;
    let chain: Chain;
    let log: TestLog;
    beforeAll(async () => {
      world = await start();
      ({ chain } = world);
    });
    afterAll(() => world?.close());
    beforeEach(async () => {
      log = new TestLog();
      await chain.listLog(log.logId);
    });

    const settle = async (by: Chain, ...batch: HeadCommit[]): Promise<(Settlement | undefined)[]> => {
      const { settlements } = await by.commitHeads(batch);
      return batch.map(({ logId }) => settlements.get(logKey(logId)));
    };

    it('says which chain it is, always the same', async () => {
      expect(await chain.identity()).toMatch(/^[a-z]+:\d+/);
      expect(await world.stranger.identity()).toBe(await chain.identity());
    });

    it('lists a log once and tells whose it is', async () => {
      await chain.listLog(log.logId);
      const ours = (await chain.listings([log.logId])).get(log.key);
      expect(ours).toMatchObject({ isOurs: true, epoch: 1, threshold: 0 });
      expect(ours?.closed).toBeUndefined();
      expect((await world.stranger.listings([log.logId])).get(log.key)).toEqual({ ...ours, isOurs: false });
      expect((await chain.listings([randomBytes(32)])).size).toBe(0);
    });

    it('has no head of a new or an unknown log', async () => {
      expect((await chain.readHeads([log.logId, randomBytes(32)])).size).toBe(0);
      expect(await chain.headAt(log.logId, 1)).toBeUndefined();
      expect(await chain.confirm([log.commit(0, 1)])).toEqual([]);
    });

    it('stores heads and reads them back with height, time, chain and finality', async () => {
      const [settlement] = await settle(chain, log.commit(0, 5));
      const head = await chain.headAt(log.logId, 5);
      expect(settlement).toEqual({ status: 'stored', head });
      expect(head).toMatchObject({
        size: 5,
        root: log.commit(0, 5).root,
        chain: await chain.identity(),
        finality: world.finality,
      });
      expect(head?.blockTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await chain.readHeads([log.logId])).get(log.key)).toEqual(head);
      expect(await chain.confirm([log.commit(0, 5)])).toEqual([head]);
      await settle(chain, log.commit(5, 9));
      expect(await chain.headAt(log.logId, 5)).toEqual(head);
      expect((await chain.readHeads([log.logId])).get(log.key)?.size).toBe(9);
    });

    it('does not confirm another root or another size', async () => {
      await settle(chain, log.commit(0, 5));
      expect(await chain.confirm([{ ...log.commit(0, 5), root: log.commit(0, 6).root }, log.commit(0, 4)])).toEqual([]);
    });

    it('takes a repeat of any accepted head for success, with its first height', async () => {
      const [first] = await settle(chain, log.commit(0, 5));
      await settle(chain, log.commit(5, 9));
      expect(await settle(chain, log.commit(0, 5))).toEqual([first]);
      expect((await chain.readHeads([log.logId])).get(log.key)?.size).toBe(9);
    });

    it('refuses with a reason, settles each log on its own, and stores nothing of what it refused', async () => {
      const [good, unknown, listed] = [new TestLog(), new TestLog(), new TestLog()];
      await chain.listLog(good.logId);
      await chain.listLog(listed.logId);
      await settle(chain, log.commit(0, 9), listed.commit(0, 9));
      const batch = [log.commit(0, 8), good.commit(0, 3), unknown.commit(0, 3), listed.commit(5, 12)];
      const settled = await settle(chain, ...batch);
      expect(settled.map((one) => (one?.status === 'refused' ? one.refusal : one?.status))).toEqual([
        'SIZE_NOT_ABOVE_LATEST',
        'stored',
        'LOG_UNKNOWN',
        'PROOF_INVALID',
      ]);
      expect((await chain.confirm(batch)).map(({ size }) => size)).toEqual([3]);
    });

    it('lets nobody but the publisher commit', async () => {
      expect(await settle(world.stranger, log.commit(0, 5))).toEqual([{ status: 'refused', refusal: 'NOT_PUBLISHER' }]);
      expect((await chain.readHeads([log.logId])).size).toBe(0);
    });

    it('takes heads of the present epoch only, and of its publisher; what an earlier key committed stays', async () => {
      const [first] = await settle(chain, log.commit(0, 5));
      expect(await settle(chain, log.commit(5, 9, 2))).toEqual([{ status: 'refused', refusal: 'OTHER_EPOCH' }]);
      await world.replacePublisher(log.logId);
      expect((await chain.listings([log.logId])).get(log.key)).toMatchObject({ isOurs: false, epoch: 2 });
      expect((await world.stranger.listings([log.logId])).get(log.key)).toMatchObject({ isOurs: true, epoch: 2 });
      expect(await settle(chain, log.commit(5, 9, 2))).toEqual([{ status: 'refused', refusal: 'NOT_PUBLISHER' }]);
      expect(await settle(world.stranger, log.commit(5, 9))).toEqual([{ status: 'refused', refusal: 'OTHER_EPOCH' }]);
      expect(await settle(world.stranger, log.commit(0, 5, 2))).toEqual([first]);
      expect((await settle(world.stranger, log.commit(5, 9, 2)))[0]).toMatchObject({ status: 'stored', head: { size: 9 } });
    });

    it('takes no further head of a log that members closed, and says where and in favour of which', async () => {
      await settle(chain, log.commit(0, 5), new TestLog().commit(0, 1));
      const successor = randomBytes(32);
      await world.closeLog(log.logId, 5, successor);
      const { closed } = (await chain.listings([log.logId])).get(log.key) ?? {};
      expect(closed).toMatchObject({ size: 5 });
      expect(Buffer.from(closed?.root ?? [])).toEqual(Buffer.from(log.commit(0, 5).root));
      expect(Buffer.from(closed?.successor ?? [])).toEqual(successor);
      expect(await settle(chain, log.commit(5, 9))).toEqual([{ status: 'refused', refusal: 'LOG_CLOSED' }]);
      expect((await settle(chain, log.commit(0, 5)))[0]?.status).toBe('stored');
    });

    it('takes a head of a log with a quorum only if enough distinct others attested just that head', async () => {
      const { attested, attesterKeys } = world;
      const quorate = new TestLog();
      await attested.listLog(quorate.logId);
      expect((await attested.listings([quorate.logId])).get(quorate.key)).toMatchObject({ isOurs: true, threshold: 2 });
      const head = quorate.commit(0, 5);
      const [a, b] = await Promise.all(attesterKeys.map((key) => signAttestation(head, key)));
      const [ofAnother] = await Promise.all(attesterKeys.slice(1).map((key) => signAttestation(quorate.commit(0, 6), key)));
      const foreign = await signAttestation(head, randomBytes(32));
      const [first, second, another] = [a, b, ofAnother] as [Uint8Array, Uint8Array, Uint8Array];
      const refused: Uint8Array[][] = [[], [first], [first, first], [first, another], [first, foreign], [first, twin(second)]];
      for (const attestations of [...refused, [first, second.slice(0, 64)], [first, Buffer.alloc(65)]]) {
        const settled = await settle(attested, { ...head, attestations });
        expect(settled).toEqual([{ status: 'refused', refusal: 'QUORUM_NOT_MET' }]);
      }
      const attestations = [foreign, Buffer.alloc(3), second, second, first];
      expect((await settle(attested, { ...head, attestations }))[0]?.status).toBe('stored');
    });

    it('records the heads before it sends them, and sends nothing if that fails', async () => {
      const recorded = world.broadcasts.all.length;
      world.broadcasts.failNext();
      expect(await codeOf(() => chain.commitHeads([log.commit(0, 5)]))).toBe('DEPENDENCY_UNAVAILABLE');
      expect((await chain.readHeads([log.logId])).size).toBe(0);
      const { transaction } = await chain.commitHeads([log.commit(0, 5)]);
      const broadcasts = world.broadcasts.all.slice(recorded);
      expect(broadcasts.map(({ heads }) => heads.map(({ size }) => size))).toEqual([[5]]);
      expect(broadcasts[0]?.transaction).toEqual(transaction);
    });

    it('never sends another root for a size that was recorded', async () => {
      await settle(chain, log.commit(0, 5));
      const other = { ...log.commit(0, 6), size: 5 };
      expect(await codeOf(() => chain.commitHeads([other]))).toBe('HEAD_EQUIVOCATION');
      expect(await chain.headAt(log.logId, 5)).toMatchObject({ root: log.commit(0, 5).root });
    });

    it('queues commits that are made at once', async () => {
      const results = await Promise.all([
        settle(chain, log.commit(0, 5)),
        settle(chain, log.commit(5, 7)),
        settle(chain, log.commit(7, 8)),
      ]);
      expect(results.flat().map((one) => one?.status)).toEqual(['stored', 'stored', 'stored']);
    });
  });
}

/** The same signature with n − s instead of s, and the other v. */
function twin(signature: Uint8Array): Uint8Array {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = order - BigInt(`0x${Buffer.from(signature.slice(32, 64)).toString('hex')}`);
  const v = signature[64] === 27 ? 28 : 27;
  return Buffer.concat([signature.slice(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), Buffer.from([v])]);
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'no error';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
