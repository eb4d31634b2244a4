import { beforeEach, describe, expect, it } from '@jest/globals';
import { leafHash, openCheckpoint, rootFromLeaves } from '@countersign/merkle';
import { itemHeadOf, itemMapRoot, parseEntry, parseHeadsEntry, type ItemEntry } from '@countersign/record';
import { silentLogger } from '@countersign/observability';
import { LIMITS } from '../config.js';
import { MemoryStores } from '../storage/memory-stores.js';
import { AnchoringWorld } from '../testing/anchoring-world.js';
import { sampleEntries } from '../testing/sample-log.js';
import { HeadsSequencer } from './heads-sequencer.js';

const entries = sampleEntries(0, 20_000);
const baseRootOf = (size: number): Buffer => rootFromLeaves(entries.slice(0, size).map(leafHash));

/** The reference: every item's head from all its entries, and the map from scratch. */
function mapRootOf(size: number): Buffer {
  const byItem = new Map<string, ItemEntry[]>();
  for (const [index, entry] of entries.slice(0, size).entries()) {
    const key = parseEntry(entry).itemKey.toString('hex');
    byItem.set(key, [...(byItem.get(key) ?? []), { leafIndex: BigInt(index), leafHash: leafHash(entry) }]);
  }
  const items = [...byItem].map(([key, own]) => ({ itemKey: Buffer.from(key, 'hex'), valueDigest: itemHeadOf(own).valueDigest }));
  return itemMapRoot(items);
}

describe('sequencer of item heads', () => {
  let world: AnchoringWorld;
  beforeEach(async () => {
    world = await AnchoringWorld.open(1);
    await world.publisher.step();
  });

  const headsNo = (): number => world.samples[0]!.log.heads.logNo;
  const live = (): AnchoringWorld['headsLives'][number] => world.headsLives[0]!;
  const stored = async (): Promise<readonly Buffer[]> =>
    world.stores.heads.entries(headsNo(), 0, (await world.stores.trees.head(headsNo())).size);
  const baseSizes = async (): Promise<number[]> => (await stored()).map((entry) => Number(parseHeadsEntry(entry).baseSize));

  it('does nothing without a checkpoint', async () => {
    expect(await world.headsSequencers[0]?.step()).toBe(false);
    expect(await stored()).toEqual([]);
  });

  it('appends for each checkpoint the map root over its entries, and signs the heads log with its own key', async () => {
    for (const size of [1, 2, 9, 300]) {
      await world.grow(0, size);
      await world.growHeads(0);
    }
    expect((await stored()).map(parseHeadsEntry)).toEqual(
      [1, 2, 9, 300].map((size) => ({ baseSize: BigInt(size), baseRoot: baseRootOf(size), mapRoot: mapRootOf(size) })),
    );
    const { log } = world.samples[0]!;
    const head = await world.stores.trees.head(headsNo());
    const root = rootFromLeaves((await stored()).map(leafHash));
    expect(openCheckpoint(head.note, log.heads.noteKey)).toMatchObject({ origin: `${log.origin}/heads`, size: 4, root });
    expect(() => openCheckpoint(head.note, log.noteKey)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  });

  it('takes many entries in bounded steps, at checkpoints that are stored', async () => {
    await world.grow(0, 20_000);
    await world.growHeads(0);
    expect(await baseSizes()).toEqual([16_384, 20_000]);
    expect(parseHeadsEntry((await stored())[1]!).mapRoot).toEqual(mapRootOf(20_000));
  });

  it('prefers the head that was chosen for the chain', async () => {
    await world.grow(0, 5);
    await world.publisher.step();
    await world.grow(0, 9);
    await world.growHeads(0);
    expect(await baseSizes()).toEqual([5, 9]);
  });

  it('waits until the chain was read, and appends nothing to a heads log that the chain knows longer', async () => {
    await world.grow(0, 5);
    await world.growHeads(0);
    await world.publisher.step();
    const setBack = await world.restart({ stores: new MemoryStores() });
    await setBack.grow(0, 5);
    await setBack.growHeads(0);
    expect(setBack.headsLives[0]!.head.size).toBe(0);
    await setBack.publisher.step();
    await setBack.growHeads(0);
    expect(setBack.headsLives[0]!.trouble).toBe('behind-chain');
    expect(setBack.headsLives[0]!.head.size).toBe(0);
    // The log itself goes on.
    await setBack.grow(0, 9);
    expect(setBack.lives[0]!.head.size).toBe(9);
  });

  it('commits the heads log to the chain in the transaction of its log', async () => {
    await world.grow(0, 5);
    await world.growHeads(0);
    await world.publisher.step();
    expect(world.broadcasts).toEqual([[5, 1]]);
    const { heads } = world.samples[0]!.log;
    expect((await world.stores.anchors.latestConfirmed(heads.logId))?.root).toEqual(
      rootFromLeaves((await stored()).map(leafHash)),
    );
  });

  it.each(['before', 'after'] as const)('ends with the same bytes when the append fails %s it took effect', async (fault) => {
    const undisturbed = await world.restart({ stores: new MemoryStores() });
    await undisturbed.publisher.step();
    for (const size of [5, 300]) {
      for (const one of [world, undisturbed]) await one.grow(0, size);
      world.stores.headsFaults.fail(fault);
      await expect(world.headsSequencers[0]!.step()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      // Once in the process that lives on, once in its successor.
      if (size === 300) {
        world = await world.restart();
        await world.publisher.step();
      }
      await world.growHeads(0);
      await undisturbed.growHeads(0);
    }
    expect(await stored()).toEqual(await undisturbed.stores.heads.entries(headsNo(), 0, 2));
    expect(await world.stores.trees.head(headsNo())).toEqual(await undisturbed.stores.trees.head(headsNo()));
    for (const name of undisturbed.stores.heads.pageNames(0)) {
      expect(await world.stores.heads.pages(0, 1, [name])).toEqual(await undisturbed.stores.heads.pages(0, 1, [name]));
    }
    expect(world.stores.heads.pageNames(0)).toEqual(undisturbed.stores.heads.pageNames(0));
  });

  it('lets one of two win, and the other take over', async () => {
    const { leaves, trees, heads } = world.stores;
    const second = new HeadsSequencer(world.lives[0]!, live(), {
      leaves,
      trees,
      heads,
      tiles: world.tiles,
      logger: silentLogger,
    });
    await second.open();
    await world.grow(0, 5);
    await world.growHeads(0);
    expect(await second.step()).toBe(true);
    expect(await second.step()).toBe(false);
    await world.grow(0, 9);
    expect(await second.step()).toBe(true);
    expect(await world.headsSequencers[0]!.step()).toBe(true);
    expect(await baseSizes()).toEqual([5, 9]);
  });

  it('is the same with hardly a page in memory', async () => {
    const { leaves, trees, heads } = world.stores;
    const parts = { leaves, trees, heads, tiles: world.tiles, logger: silentLogger, pagesMax: 2 };
    const small = new HeadsSequencer(world.lives[0]!, live(), parts);
    for (const size of [3, 40, 300]) {
      await world.grow(0, size);
      while (await small.step());
    }
    expect((await stored()).map((entry) => parseHeadsEntry(entry).mapRoot)).toEqual([3, 40, 300].map(mapRootOf));
  });

  describe('on a store that was changed', () => {
    beforeEach(async () => {
      await world.grow(0, 300);
      await world.growHeads(0);
    });
    const stops = async (): Promise<void> => {
      const next = await world.restart().catch((error: unknown) => error as { code: string });
      if (next instanceof AnchoringWorld) {
        await next.publisher.step();
        await next.grow(0, 400);
        await expect(next.headsSequencers[0]!.step()).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
        expect(next.headsLives[0]!.trouble).toBe('forked');
        expect(await next.headsSequencers[0]!.step()).toBe(false);
        // The log itself goes on.
        expect(next.lives[0]!.head.size).toBe(400);
      } else {
        expect(next).toMatchObject({ code: 'RECORD_ALTERED' });
      }
      expect((await stored()).length).toBe(1);
    };
    const turned = (content: Buffer): Buffer => {
      content[20] = content[20]! ^ 1;
      return content;
    };

    it('stops at any page of the map', async () => {
      const names = world.stores.heads.pageNames(0);
      expect(names.length).toBeGreaterThan(1);
      for (const name of names) {
        world.stores.heads.tamperPage(0, name, turned);
        await stops();
        world.stores.heads.tamperPage(0, name, turned);
      }
    });

    it('stops at another heads entry', async () => {
      world.stores.heads.tamperEntry(headsNo(), 0, turned(Buffer.from((await stored())[0]!)));
      await stops();
    });

    it('stops at an entry of the log that is not under its checkpoint', async () => {
      await world.grow(0, 400);
      world.stores.leaves.tamper(0, 350, sampleEntries(351, 352)[0]!);
      await stops();
    });
  });

  it('keeps the map as it was at the last entries, and no more', async () => {
    const [name] = ['' as const];
    for (let size = 1; size <= LIMITS.mapVersionsKept + 20; size += 1) {
      await world.grow(0, size);
      await world.growHeads(0);
    }
    const newest = LIMITS.mapVersionsKept + 19;
    expect(await world.stores.heads.pages(0, newest - LIMITS.mapVersionsKept, [name])).not.toEqual([undefined]);
    expect(await world.stores.heads.pages(0, newest - LIMITS.mapVersionsKept - 1, [name])).toEqual([undefined]);
  });
});
