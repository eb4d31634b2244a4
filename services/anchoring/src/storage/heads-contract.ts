import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeHeadsEntry, NO_ENTRY } from '@countersign/record';
import type { KnownLog } from '../log/known-log.js';
import { sampleEntries, sampleLog } from '../testing/sample-log.js';
import type { HeadsAppend, HeadsStore } from './heads-store.js';
import type { Stores } from './stores-contract.js';

const baseRoot = (size: number): Buffer => Buffer.alloc(32, size);

/** What every implementation of the heads store must do. Run on memory and on PostgreSQL. */
export function headsContract(
  name: string,
  open: (logs: readonly KnownLog[]) => Promise<Stores & { readonly heads: HeadsStore }>,
): void {
  describe(`${name} keeps the heads store's contract`, () => {
    const logs = [sampleLog(0).log, sampleLog(1).log] as const;
    const headsNo = logs[0].heads.logNo;
    let stores: Stores & { readonly heads: HeadsStore };
    beforeEach(async () => {
      stores = await open(logs);
      await stores.leaves.receive(0, [{ firstPosition: 0, entries: sampleEntries(0, 60), signature: Buffer.alloc(64) }]);
      for (const [from, size] of [
        [0, 5],
        [5, 8],
        [8, 9],
        [9, 40],
        [40, 60],
      ] as const)
        await stores.trees.advance(0, from, { size, root: baseRoot(size), note: `note ${size}` }, []);
    });

    const append = (index: number, fromSize: number, size: number, changes: Partial<HeadsAppend> = {}): HeadsAppend => ({
      headsNo,
      baseNo: 0,
      index,
      entry: encodeHeadsEntry({ baseSize: BigInt(size), baseRoot: baseRoot(size), mapRoot: Buffer.alloc(32, 99) }),
      next: { size: index + 1, root: Buffer.alloc(32, index + 1), note: `heads note ${index + 1}` },
      tiles: [{ level: 0, index: 0, hashes: Buffer.alloc(32 * (index + 1), 7) }],
      fromSize,
      previous: Array.from({ length: size - fromSize }, (_, offset) =>
        fromSize + offset < 3 ? NO_ENTRY : fromSize + offset - 3,
      ),
      pages: [],
      versionsKept: 2,
      ...changes,
    });
    const page = (pageName: string, byte: number): HeadsAppend['pages'][number] => ({
      name: pageName,
      content: Buffer.alloc(36, byte),
    });
    const byteOf = async (index: number, pageName: string): Promise<number | undefined> =>
      (await stores.heads.pages(0, index, [pageName]))[0]?.[0];

    it('appends entry, tree, checkpoint and map together', async () => {
      expect(await stores.heads.append(append(0, 0, 5, { pages: [page('', 1), page('a', 2)] }))).toBe(true);
      expect(await stores.heads.append(append(1, 5, 9, { pages: [page('', 3)] }))).toBe(true);
      expect(await stores.trees.head(headsNo)).toEqual(append(1, 5, 9).next);
      expect(await stores.trees.checkpointAt(headsNo, 1)).toEqual(append(0, 0, 5).next);
      expect((await stores.trees.tile(headsNo, 0, 0))?.length).toBe(64);
      expect(await stores.heads.entries(headsNo, 0, 2)).toEqual([append(0, 0, 5).entry, append(1, 5, 9).entry]);
      expect([await stores.heads.indexOf(headsNo, 9), await stores.heads.indexOf(headsNo, 8)]).toEqual([1, undefined]);
      expect(await stores.heads.pages(0, 1, ['a', 'b', ''])).toEqual([page('a', 2).content, undefined, page('', 3).content]);
      expect(await stores.heads.pages(1, 1, [''])).toEqual([undefined]);
      await expect(stores.heads.entries(headsNo, 1, 3)).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
      // The base log is as it was.
      expect((await stores.trees.head(0)).size).toBe(60);
    });

    it('does nothing when the heads log is of another size', async () => {
      await stores.heads.append(append(0, 0, 5, { pages: [page('', 1)] }));
      expect(await stores.heads.append(append(0, 0, 8, { pages: [page('', 2)] }))).toBe(false);
      expect(await stores.heads.append(append(2, 5, 8))).toBe(false);
      expect((await stores.trees.head(headsNo)).size).toBe(1);
      expect(await byteOf(0, '')).toBe(1);
    });

    it('lets one of two win', async () => {
      const appended = await Promise.all([stores.heads.append(append(0, 0, 5)), stores.heads.append(append(0, 0, 8))]);
      expect(appended.toSorted()).toEqual([false, true]);
    });

    it.each([
      ['about a checkpoint that is not stored', append(1, 5, 7)],
      [
        'about another root of a stored checkpoint',
        append(1, 5, 8, { entry: encodeHeadsEntry({ baseSize: 8n, baseRoot: baseRoot(9), mapRoot: baseRoot(1) }) }),
      ],
      ['about no larger checkpoint', append(1, 5, 5)],
      ['whose map does not begin where the last one ended', append(1, 0, 8)],
      ['with a back reference too few', append(1, 5, 8, { previous: [0, 1] })],
    ])('refuses an entry %s', async (_name, wrong) => {
      await stores.heads.append(append(0, 0, 5));
      await expect(stores.heads.append(wrong)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      expect((await stores.trees.head(headsNo)).size).toBe(1);
      expect(await stores.heads.append(append(1, 5, 8))).toBe(true);
    });

    it('keeps pages as they were at the last entries', async () => {
      const sizes = [0, 5, 8, 9, 40, 60];
      for (let index = 0; index < 5; index += 1) {
        const pages = index === 3 ? [page('', 10 + index)] : [page('', 10 + index), page('a', 20 + index)];
        await stores.heads.append(append(index, sizes[index]!, sizes[index + 1]!, { pages }));
      }
      expect(await Promise.all([4, 3, 2].map((index) => byteOf(index, '')))).toEqual([14, 13, 12]);
      expect(await Promise.all([4, 3, 2].map((index) => byteOf(index, 'a')))).toEqual([24, 22, 22]);
      expect(await Promise.all([1, 0].map((index) => byteOf(index, '')))).toEqual([undefined, undefined]);
    });

    it('follows back references', async () => {
      await stores.heads.append(append(0, 0, 5));
      await stores.heads.append(append(1, 5, 40));
      expect(await stores.heads.positions(0, 37, 100)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37]);
      expect(await stores.heads.positions(0, 37, 2)).toEqual([34, 37]);
      expect(await stores.heads.positions(0, 0, 5)).toEqual([0]);
    });

    it('finds the base checkpoint to go to', async () => {
      const next = async (above: number, upTo: number, entriesMax: number): Promise<number | undefined> =>
        (await stores.heads.nextBase(0, above, upTo, entriesMax))?.size;
      expect(await next(0, 60, 8)).toBe(8);
      expect(await next(0, 5, 1_000)).toBe(5);
      expect(await next(9, 60, 10)).toBe(40);
      expect(await next(9, 39, 10)).toBeUndefined();
      expect(await next(60, 60, 10)).toBeUndefined();
      expect(await stores.heads.nextBase(0, 8, 9, 10)).toEqual({ size: 9, root: baseRoot(9), note: 'note 9' });
    });

    it('finds the newest entry whose checkpoint is on chain', async () => {
      const { logId } = logs[0];
      const confirmed = (size: number): Parameters<Stores['anchors']['confirm']>[0][number] => ({
        logId,
        size,
        root: baseRoot(size),
        height: 1n,
        blockTime: '2026-11-22T12:00:00Z',
        chain: 'fake:1',
        finality: 'NOT_CHECKED: test',
        transaction: Buffer.alloc(32, 9),
      });
      for (const [index, from, size] of [
        [0, 0, 5],
        [1, 5, 9],
        [2, 9, 40],
      ] as const)
        await stores.heads.append(append(index, from, size));
      expect(await stores.heads.newestConfirmed(headsNo, logId)).toBeUndefined();
      await stores.anchors.confirm([confirmed(5), confirmed(9), confirmed(60)]);
      expect(await stores.heads.newestConfirmed(headsNo, logId)).toBe(1);
      await stores.anchors.rewind(logId, [9]);
      expect(await stores.heads.newestConfirmed(headsNo, logId)).toBe(0);
    });
  });
}
