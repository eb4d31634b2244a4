import { describe, expect, it } from '@jest/globals';
import { emptyRoot } from '@countersign/merkle';
import { sampleEntries } from '../testing/sample-log.js';
import type { Cosignature, CosignatureStore } from './cosignature-store.js';
import type { LeafStore, TreeStore } from './stores.js';

const line = (name: string, time = 1, keyId = 7): Cosignature => ({ name, keyId, time, line: `— ${name} ${time}\n` });

/** What every store of cosignatures must do; part of the stores' contract. */
export function cosignaturesContract(
  stores: () => { readonly leaves: LeafStore; readonly trees: TreeStore; readonly cosignatures: CosignatureStore },
): void {
  describe('cosignatures', () => {
    /** Checkpoints of one log, of these sizes. */
    async function checkpoints(...sizes: number[]): Promise<void> {
      const { leaves, trees } = stores();
      const entries = sampleEntries(0, Math.max(...sizes));
      await leaves.receive(0, [{ firstPosition: 0, entries, signature: Buffer.alloc(64) }]);
      let from = 0;
      for (const size of sizes) {
        await trees.advance(0, from, { size, root: Buffer.from(emptyRoot), note: `note ${size}` }, []);
        from = size;
      }
    }

    it('stand beside their checkpoint, in the order in which they came', async () => {
      await checkpoints(3, 5);
      const { cosignatures } = stores();
      for (const each of [line('b'), line('a'), line('a', 1, 8)]) await cosignatures.add(0, 5, each);
      await cosignatures.add(0, 3, line('c'));
      expect(await cosignatures.at(0, 5)).toEqual([line('b'), line('a'), line('a', 1, 8)]);
      expect(await cosignatures.at(0, 3)).toEqual([line('c')]);
      expect(await cosignatures.at(0, 4)).toEqual([]);
      expect(await cosignatures.at(1, 5)).toEqual([]);
    });

    it('stay as the first one of a key is', async () => {
      await checkpoints(5);
      const { cosignatures } = stores();
      await cosignatures.add(0, 5, line('a'));
      await cosignatures.add(0, 5, line('a', 2));
      expect(await cosignatures.at(0, 5)).toEqual([line('a')]);
    });

    it('are found by size and by key', async () => {
      await checkpoints(3, 5, 9);
      const { cosignatures } = stores();
      for (const size of [3, 5, 9]) await cosignatures.add(0, size, line('a', size));
      await cosignatures.add(0, 5, line('b'));
      expect(await cosignatures.latest(0, 2)).toEqual([
        { size: 9, cosignatures: [line('a', 9)] },
        { size: 5, cosignatures: [line('a', 5), line('b')] },
      ]);
      expect(await cosignatures.latest(1, 2)).toEqual([]);
      expect(await cosignatures.latestOf(0, 'a', 7)).toBe(9);
      expect(await cosignatures.latestOf(0, 'b', 7)).toBe(5);
      expect(await cosignatures.latestOf(0, 'b', 8)).toBe(0);
    });
  });
}
