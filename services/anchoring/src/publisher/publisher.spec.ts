import { describe, expect, it } from '@jest/globals';
import { createFakeChain } from '@countersign/chain';
import { MemoryStores } from '../storage/memory-stores.js';
import { AnchoringWorld } from '../testing/anchoring-world.js';

const unavailable = { code: 'DEPENDENCY_UNAVAILABLE' };

describe('publisher', () => {
  it('lists the logs that the chain does not know, and commits nothing while all trees are empty', async () => {
    const world = await AnchoringWorld.open();
    expect((await world.publisher.step()).wakeable).toBe(true);
    expect((await world.chain.listings(world.samples.map(({ log }) => log.logId))).size).toBe(3);
    expect(world.broadcasts).toEqual([]);
  });

  it('commits the heads of all logs in one transaction, and notes what the chain stored', async () => {
    const world = await AnchoringWorld.open();
    await world.grow(0, 5);
    await world.grow(2, 300);
    expect(await world.publisher.step()).toEqual({ ms: 1_000, wakeable: false });
    expect(world.broadcasts).toEqual([[5, 300]]);
    expect(await world.anchored()).toEqual([5, undefined, 300]);
    expect(await world.confirmed()).toEqual([5, undefined, 300]);
    const { transaction } = world.stores.anchors.broadcasts[0]!;
    expect(await world.stores.anchors.latestConfirmed(world.samples[0]!.log.logId)).toMatchObject({
      transaction,
      height: world.chain.height,
    });
  });

  it('commits what changed only, and nothing when nothing changed', async () => {
    const world = await AnchoringWorld.open();
    for (const [logNo, size] of [
      [0, 5],
      [1, 6],
      [2, 7],
    ] as const)
      await world.grow(logNo, size);
    await world.publisher.step();
    await world.grow(1, 600);
    await world.publisher.step();
    const { height } = world.chain;
    expect((await world.publisher.step()).wakeable).toBe(true);
    expect(world.broadcasts).toEqual([[5, 6, 7], [600]]);
    expect(world.chain.height).toBe(height);
  });

  it('repeats the accepted heads as a heartbeat only if told to', async () => {
    const world = await AnchoringWorld.open(1, { heartbeatMs: 1 });
    await world.grow(0, 5);
    await world.publisher.step();
    await new Promise((resolve) => setTimeout(resolve, 2));
    await world.publisher.step();
    expect(world.broadcasts).toEqual([[5], [5]]);
  });

  describe.each(['before', 'after'] as const)('when recording the broadcast fails %s it took effect', (fault) => {
    it('sends nothing, then sends the same heads', async () => {
      const world = await AnchoringWorld.open();
      await world.grow(0, 5);
      await world.publisher.step();
      await world.grow(0, 9);
      world.stores.anchors.faults.fail(fault);
      await expect(world.publisher.step()).rejects.toMatchObject(unavailable);
      expect(await world.anchored()).toEqual([5, undefined, undefined]);
      const again = await world.restart();
      await again.grow(0, 12);
      await again.publisher.step();
      // Once bound, 9 is sent before anything else; if the binding never was, the newest head is.
      expect(await again.anchored()).toEqual([fault === 'after' ? 9 : 12, undefined, undefined]);
      await again.publisher.step();
      expect(await again.confirmed()).toEqual([12, undefined, undefined]);
    });
  });

  describe.each([
    ['before-broadcast', [5]],
    ['after-broadcast', [5, 9]],
  ] as const)('when the chain fails %s', (fault, stored) => {
    it('reads the chain, then commits the same heads before others', async () => {
      const world = await AnchoringWorld.open(1);
      await world.grow(0, 5);
      await world.publisher.step();
      await world.grow(0, 9);
      world.chain.failNextCommit(fault);
      await expect(world.publisher.step()).rejects.toMatchObject(unavailable);
      expect(await world.anchored()).toEqual(stored.slice(-1));
      const again = await world.restart();
      await again.grow(0, 12);
      await again.publisher.step();
      await again.publisher.step();
      expect(await again.confirmed()).toEqual([12]);
      const { logId } = world.samples[0]!.log;
      expect((await again.stores.anchors.confirmedAbove(logId, 0, 9)).map(({ size }) => size)).toEqual([5, 9, 12]);
      expect(again.broadcasts.filter(([size]) => size === 9)).toHaveLength(fault === 'before-broadcast' ? 2 : 1);
    });
  });

  it.each(['before', 'after'] as const)('finds what the chain stored when noting it failed %s it took effect', async (fault) => {
    const world = await AnchoringWorld.open(1);
    await world.publisher.step();
    await world.grow(0, 5);
    const record = world.stores.anchors.record.bind(world.stores.anchors);
    world.stores.anchors.record = async (broadcast) => {
      await record(broadcast);
      world.stores.anchors.faults.fail(fault);
    };
    await expect(world.publisher.step()).rejects.toMatchObject(unavailable);
    const again = await world.restart();
    await again.publisher.step();
    expect(await again.confirmed()).toEqual([5]);
    expect(again.broadcasts).toEqual([[5]]);
  });

  it('lets trees grow while the chain is down, and catches up with one commit of all logs when it is back', async () => {
    const world = await AnchoringWorld.open(2);
    await world.grow(0, 5);
    await world.publisher.step();
    world.chain.setDown(true);
    for (const size of [20, 300, 700]) {
      await world.grow(0, size);
      await world.grow(1, size);
      await expect(world.publisher.step()).rejects.toMatchObject(unavailable);
    }
    expect(world.lives.map(({ head }) => head.size)).toEqual([700, 700]);
    world.chain.setDown(false);
    await world.publisher.step();
    expect(await world.confirmed()).toEqual([700, 700]);
    expect(world.broadcasts).toEqual([[5], [700, 700]]);
  });

  describe('when the members gave a log to another key', () => {
    it('commits no more of it, and the other key goes on in its epoch from the accepted head', async () => {
      const world = await AnchoringWorld.open(2);
      const { logId } = world.samples[0]!.log;
      await world.grow(0, 5);
      await world.grow(1, 5);
      await world.publisher.step();
      world.chain.replacePublisher(logId, 'successor');
      await world.grow(0, 9);
      await world.grow(1, 9);
      await world.publisher.step();
      expect(await world.anchored()).toEqual([5, 9]);
      await world.grow(0, 12);
      // Refused once, it reads what the chain lists, and sends nothing more of this log.
      await world.publisher.step();
      expect(world.lives.map(({ trouble }) => trouble)).toEqual(['closed', undefined]);
      const chain = createFakeChain({ broadcasts: world.stores.anchors, publisher: 'successor', shared: world.chain });
      const successor = await world.restart({ chain });
      await successor.publisher.step();
      await successor.publisher.step();
      expect(successor.lives.map(({ epoch, trouble }) => [epoch, trouble])).toEqual([
        [2, undefined],
        [1, 'closed'],
      ]);
      expect(await successor.anchored()).toEqual([12, 9]);
    });
  });

  describe('after a rewind of the chain', () => {
    it('counts what was lost as not anchored, and commits it again', async () => {
      const world = await AnchoringWorld.open(1);
      await world.grow(0, 5);
      await world.publisher.step();
      const { height } = world.chain;
      await world.grow(0, 9);
      await world.publisher.step();
      world.chain.rewindTo(height);
      await world.publisher.step();
      expect(await world.confirmed()).toEqual([9]);
      expect(world.broadcasts).toEqual([[5], [9], [9]]);
    });

    it('lists the logs again on a chain that starts from nothing', async () => {
      const world = await AnchoringWorld.open(2);
      await world.grow(0, 5);
      await world.grow(1, 6);
      await world.publisher.step();
      await world.grow(0, 9);
      await world.publisher.step();
      world.chain.rewindTo(0n);
      await world.publisher.step();
      await world.publisher.step();
      expect(await world.confirmed()).toEqual([9, 6]);
      const { logId } = world.samples[0]!.log;
      // Size 5 was anchored once and is on the chain no longer.
      expect(await world.stores.anchors.confirmedAt(logId, 5)).toBeUndefined();
      expect((await world.stores.anchors.firstCovering(logId, [2])).get(2)?.size).toBe(9);
    });
  });

  describe('when chain and tree contradict each other', () => {
    it('commits nothing more of a log whose tree is not the one on the chain', async () => {
      const world = await AnchoringWorld.open(2);
      await world.grow(0, 5);
      await world.grow(1, 5);
      await world.publisher.step();
      // Somebody gave the service another database: same keys, another history.
      const stores = new MemoryStores();
      const other = await world.restart({ stores, chain: createFakeChain({ broadcasts: stores.anchors, shared: world.chain }) });
      await stores.leaves.receive(0, [
        {
          firstPosition: 0,
          entries: Array.from({ length: 8 }, (_, index) => Buffer.alloc(105, index + 1)),
          signature: Buffer.alloc(64),
        },
      ]);
      while (await other.sequencers[0]?.step());
      await other.grow(1, 8);
      await other.publisher.step();
      expect(other.lives.map(({ trouble }) => trouble)).toEqual(['forked', undefined]);
      expect(await other.anchored()).toEqual([5, 8]);
    });

    it('lets a tree that is behind the chain catch up before it signs', async () => {
      const world = await AnchoringWorld.open(1);
      await world.grow(0, 50);
      await world.publisher.step();
      const stores = new MemoryStores();
      const rewound = await world.restart({
        stores,
        chain: createFakeChain({ broadcasts: stores.anchors, shared: world.chain }),
      });
      await rewound.receive(0, 20);
      await rewound.publisher.step();
      expect(rewound.lives[0]?.trouble).toBe('behind-chain');
      while (await rewound.sequencers[0]?.step());
      expect((await stores.trees.head(0)).size).toBe(0);
      await rewound.grow(0, 60);
      expect((await stores.trees.checkpointAt(0, 50))?.size).toBe(50);
      await rewound.publisher.step();
      expect(rewound.lives[0]?.trouble).toBeUndefined();
      expect(await rewound.confirmed()).toEqual([60]);
    });
  });

  it('commits nothing of a log that the chain lists for somebody else', async () => {
    const world = await AnchoringWorld.open(2);
    const thief = createFakeChain({ broadcasts: new MemoryStores().anchors, publisher: 'thief', shared: world.chain });
    await thief.listLog(world.samples[0]!.log.logId);
    await world.grow(0, 5);
    await world.grow(1, 5);
    await world.publisher.step();
    expect(world.lives[0]?.trouble).toBe('closed');
    expect(await world.anchored()).toEqual([undefined, 5]);
  });
});
