import { beforeEach, describe, expect, it } from '@jest/globals';
import { leafHash, openCheckpoint, rootFromLeaves } from '@countersign/merkle';
import { silentLogger } from '@countersign/observability';
import { LiveLog } from '../log/live-log.js';
import { MemoryStores } from '../storage/memory-stores.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import { TileCache } from '../tree/tile-cache.js';
import { Sequencer } from './sequencer.js';

const entries = sampleEntries(0, 20_000);
const rootOf = (size: number): Buffer => rootFromLeaves(entries.slice(0, size).map(leafHash));

describe('sequencer', () => {
  let stores: MemoryStores;
  let live: LiveLog;
  let sequencer: Sequencer;
  const log = sampleLog(0).log;

  const start = (): Sequencer => {
    live = new LiveLog(log);
    const tiles = new TileCache(stores.trees, 64);
    return new Sequencer(live, { leaves: stores.leaves, trees: stores.trees, tiles, logger: silentLogger });
  };
  beforeEach(() => {
    stores = new MemoryStores();
    sequencer = start();
  });

  async function receive(from: number, to: number): Promise<void> {
    const message = { firstPosition: from, entries: entries.slice(from, to), signature: Buffer.alloc(64) };
    expect(await stores.leaves.receive(0, [message])).toEqual([{ kind: 'stored', received: to }]);
  }
  async function drain(runner = sequencer): Promise<void> {
    while (await runner.step());
  }

  it('does nothing without entries', async () => {
    expect(await sequencer.step()).toBe(false);
    expect((await stores.trees.head(0)).size).toBe(0);
  });

  it('signs a checkpoint of the RFC 6962 root for all entries that are there', async () => {
    await receive(0, 300);
    await drain();
    const head = await stores.trees.head(0);
    expect(head.size).toBe(300);
    expect(head.root).toEqual(rootOf(300));
    expect(openCheckpoint(head.note, log.noteKey)).toMatchObject({ origin: log.origin, size: 300, root: rootOf(300) });
    expect(live.head).toEqual(head);
  });

  it('takes many entries in bounded steps, each with its own checkpoint', async () => {
    await receive(0, 20_000);
    await drain();
    expect((await stores.trees.head(0)).root).toEqual(rootOf(20_000));
    expect((await stores.trees.checkpointAt(0, 8_192))?.root).toEqual(rootOf(8_192));
  });

  it('goes on after a restart', async () => {
    await receive(0, 300);
    await drain();
    sequencer = start();
    await receive(300, 777);
    await drain();
    expect((await stores.trees.head(0)).root).toEqual(rootOf(777));
  });

  describe.each(['before', 'after'] as const)('when the swap fails %s it took effect', (fault) => {
    it('loads what is durable and ends with the same tree', async () => {
      await receive(0, 100);
      await drain();
      await receive(100, 300);
      stores.trees.faults.fail(fault);
      await expect(sequencer.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      await receive(300, 400);
      await drain();
      expect((await stores.trees.head(0)).root).toEqual(rootOf(400));
      const durable = await stores.trees.checkpointAt(0, 300);
      expect(durable?.size).toBe(fault === 'after' ? 300 : undefined);
      if (durable) expect(durable.root).toEqual(rootOf(300));
    });

    it('does the same after a crash', async () => {
      await receive(0, 300);
      stores.trees.faults.fail(fault);
      await expect(sequencer.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      sequencer = start();
      await drain();
      expect((await stores.trees.head(0)).root).toEqual(rootOf(300));
    });
  });

  it('takes over the head of another sequencer that was faster', async () => {
    await receive(0, 100);
    await drain();
    const other = new Sequencer(new LiveLog(log), {
      leaves: stores.leaves,
      trees: stores.trees,
      tiles: new TileCache(stores.trees, 64),
      logger: silentLogger,
    });
    await receive(100, 200);
    await drain(other);
    await receive(200, 250);
    await drain();
    expect((await stores.trees.head(0)).root).toEqual(rootOf(250));
    expect((await stores.trees.checkpointAt(0, 200))?.root).toEqual(rootOf(200));
  });

  describe('on a store that was changed', () => {
    it('signs nothing when a tile of the right edge is not the one that was signed', async () => {
      await receive(0, 300);
      await drain();
      stores.trees.tamper(0, 0, 1, Buffer.alloc(44 * 32, 7));
      sequencer = start();
      await receive(300, 310);
      await expect(sequencer.step()).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      expect(live.trouble).toBe('forked');
      expect(await sequencer.step()).toBe(false);
      expect((await stores.trees.head(0)).size).toBe(300);
    });

    it('signs nothing when the head went back while it ran', async () => {
      await receive(0, 300);
      await drain();
      const rewound = new MemoryStores();
      Object.assign(stores.trees, { head: () => rewound.trees.head(0) });
      await receive(300, 310);
      stores.trees.faults.fail('before');
      await expect(sequencer.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      await expect(sequencer.step()).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      expect(live.trouble).toBe('forked');
    });
  });

  describe('behind the chain', () => {
    it('waits for the entries, then signs exactly the head that the chain has', async () => {
      live.floor = { logId: log.logId, size: 120, root: rootOf(120) };
      await receive(0, 100);
      expect(await sequencer.step()).toBe(false);
      await receive(100, 150);
      await drain();
      expect((await stores.trees.checkpointAt(0, 120))?.root).toEqual(rootOf(120));
      expect((await stores.trees.head(0)).size).toBe(150);
    });

    it('signs nothing when the chain has another root', async () => {
      live.floor = { logId: log.logId, size: 120, root: rootOf(119) };
      await receive(0, 150);
      await drain();
      expect((await stores.trees.head(0)).size).toBe(0);
      expect(live.trouble).toBe('forked');
    });
  });
});
