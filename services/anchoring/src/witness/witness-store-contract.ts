import { beforeEach, describe, expect, it } from '@jest/globals';
import { emptyRoot } from '@countersign/merkle';
import { WITNESS_LIMITS } from './config.js';
import type { WitnessedHead, WitnessStore } from './witness-store.js';

const ORIGIN = 'log.example/items';
const NONE = { size: 0, root: Buffer.from(emptyRoot), note: '' };
const head = (size: number, byte = size): WitnessedHead => ({ size, root: Buffer.alloc(32, byte), note: `note ${size}/${byte}` });

/** What every memory of a witness must do. Run on memory and on PostgreSQL. */
export function witnessStoreContract(name: string, open: () => Promise<WitnessStore>): void {
  describe(`${name} keeps the contract of a witness's memory`, () => {
    let store: WitnessStore;
    beforeEach(async () => {
      store = await open();
    });

    it('begins with no head, and knows each log for itself', async () => {
      expect(await store.head(ORIGIN)).toEqual(NONE);
      expect(await store.advance(ORIGIN, NONE, head(5))).toBe(true);
      expect(await store.head(ORIGIN)).toEqual(head(5));
      expect(await store.head(`${ORIGIN}/heads`)).toEqual(NONE);
      expect(await store.headAt(ORIGIN, 5)).toEqual(head(5));
      expect(await store.headAt(ORIGIN, 4)).toBeUndefined();
    });

    it('replaces the head that was meant, by a larger one, and no other', async () => {
      await store.advance(ORIGIN, NONE, head(5));
      for (const [from, next] of [
        [NONE, head(7)],
        [head(4), head(7)],
        [head(5, 9), head(7)],
        [head(5), head(5, 6)],
        [head(5), head(5)],
        [head(5), head(4)],
      ] as const) {
        expect(await store.advance(ORIGIN, from, next)).toBe(false);
      }
      expect(await store.head(ORIGIN)).toEqual(head(5));
      expect(await store.advance(ORIGIN, head(5), head(7))).toBe(true);
      expect(await store.headAt(ORIGIN, 5)).toEqual(head(5));
      expect(await store.head(ORIGIN)).toEqual(head(7));
    });

    it('lets one of many win, for a first head too', async () => {
      for (const from of [NONE, undefined]) {
        const base = from ?? (await store.head(ORIGIN));
        const size = base.size + 10;
        const won = await Promise.all(Array.from({ length: 8 }, (_, byte) => store.advance(ORIGIN, base, head(size, byte + 1))));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(await store.head(ORIGIN)).toEqual(head(size, won.indexOf(true) + 1));
      }
    });

    it('keeps a fork proof once, in order, and no endless number of them', async () => {
      const proof = (number: number): { first: string; second: string; proof: Buffer[] } => ({
        first: 'first\n',
        second: `second ${number}\n`,
        proof: [Buffer.alloc(32, number)],
      });
      expect(await store.keepFork(ORIGIN, proof(1))).toBe(true);
      expect(await store.keepFork(ORIGIN, proof(1))).toBe(false);
      expect(await store.keepFork('log.example/other', proof(2))).toBe(true);
      const kept = await store.forks();
      expect(kept.map(({ origin, proof: { second } }) => [origin, second])).toEqual([
        [ORIGIN, 'second 1\n'],
        ['log.example/other', 'second 2\n'],
      ]);
      expect(kept[0]?.proof).toEqual(proof(1));
      expect(await store.forks(ORIGIN)).toEqual([kept[0]]);
      for (let number = 2; number <= WITNESS_LIMITS.forksKeptMax; number += 1) await store.keepFork(ORIGIN, proof(number));
      expect(await store.keepFork(ORIGIN, proof(0))).toBe(false);
      expect(await store.forks(ORIGIN)).toHaveLength(WITNESS_LIMITS.forksKeptMax);
    });
  });
}
