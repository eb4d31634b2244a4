import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@countersign/kernel';
import { consistencyProof, leafHash, MemoryTree, rootAt } from '@countersign/merkle';
import { logKey, type Chain, type HeadCommit, type Settlement } from './chain.js';
import type { RecordedBroadcasts } from './recorded-broadcasts.js';

/** A chain with two adapters that speak to it under different keys; only the first is a member and publisher. */
export interface ChainUnderTest {
  readonly chain: Chain;
  readonly broadcasts: RecordedBroadcasts;
  /** Another publisher's adapter. */
  readonly stranger: Chain;
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

  commit(from: number, size: number): HeadCommit {
    return {
      logId: this.logId,
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
      expect(ours).toMatchObject({ isOurs: true, threshold: 0 });
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

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'no error';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
