import { beforeEach, describe, expect, it } from '@jest/globals';
import { emptyRoot } from '@countersign/merkle';
import type { MirroredHead, MirrorStore } from './mirror-store.js';

const ORIGIN = 'log.example/items';
const NONE = { size: 0, root: Buffer.from(emptyRoot), note: '' };
const head = (size: number, byte = size): MirroredHead => ({ size, root: Buffer.alloc(32, byte), note: `note ${size}/${byte}` });
const entries = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from }, (_, index) => Buffer.from(`entry ${from + index}`));

/** What every memory of a mirror must do. */
export function mirrorStoreContract(name: string, open: () => Promise<MirrorStore>): void {
  describe(`${name} keeps the contract of a mirror's memory`, () => {
    let store: MirrorStore;
    beforeEach(async () => {
      store = await open();
    });

    it('begins empty, and knows each log for itself', async () => {
      expect(await store.head(ORIGIN)).toEqual(NONE);
      expect(await store.append(ORIGIN, NONE, entries(0, 3), head(3))).toBe(true);
      expect(await store.head(ORIGIN)).toEqual(head(3));
      expect(await store.entries(ORIGIN, 1, 9)).toEqual(entries(1, 3));
      expect(await store.head(`${ORIGIN}/heads`)).toEqual(NONE);
      expect(await store.entries(`${ORIGIN}/heads`, 0, 9)).toEqual([]);
    });

    it('appends to the head that was meant, without a gap, and nothing else', async () => {
      await store.append(ORIGIN, NONE, entries(0, 3), head(3));
      for (const [from, added, next] of [
        [NONE, entries(0, 5), head(5)],
        [head(3, 9), entries(3, 5), head(5)],
        [head(3), entries(3, 4), head(5)],
        [head(3), entries(3, 6), head(5)],
        [head(3), [], head(3, 4)],
      ] as const) {
        expect(await store.append(ORIGIN, from, added, next)).toBe(false);
      }
      expect(await store.head(ORIGIN)).toEqual(head(3));
      expect(await store.append(ORIGIN, head(3), entries(3, 5), head(5))).toBe(true);
      expect(await store.entries(ORIGIN, 0, 5)).toEqual(entries(0, 5));
    });

    it('keeps the first refusal of a log, and a fork once', async () => {
      expect(await store.refusal(ORIGIN)).toBeUndefined();
      const first = { headsIndex: 2, rule: 'the map root is the recomputed one', note: 'note' };
      await store.refuse(ORIGIN, first);
      await store.refuse(ORIGIN, { ...first, headsIndex: 7 });
      expect(await store.refusal(ORIGIN)).toEqual(first);
      const fork = { first: 'first\n', second: 'second\n', proof: [] };
      expect(await store.keepFork(ORIGIN, fork)).toBe(true);
      expect(await store.keepFork(ORIGIN, fork)).toBe(false);
    });
  });
}
