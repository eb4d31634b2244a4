import { describe, expect, it } from '@jest/globals';
import {
  fetchRoot,
  inclusionProof,
  leafHash,
  MemoryTree,
  proveConsistency,
  proveInclusion,
  consistencyProof,
  rootAt,
} from '@countersign/merkle';
import * as fc from 'fast-check';
import { MemoryTreeStore } from '../storage/memory-stores.js';
import { TileCache } from './tile-cache.js';
import { grownTiles, readRange, TreeGrowth } from './tree-growth.js';
import { TreeView, type TileAt } from './tree-view.js';

/** Beyond 65,536 there are tiles of three levels. */
const LEAVES = 66_000;
const entry = (index: number): Buffer => Buffer.from(`entry ${index}`);
const entries = (from: number, to: number): Buffer[] => Array.from({ length: to - from }, (_, index) => entry(from + index));

/** A tree that grows in steps through tiles only, as the sequencer makes it. */
class TiledTree {
  readonly store = new MemoryTreeStore();
  readonly cache: TileCache;
  readonly tileAt: TileAt;
  size = 0;

  constructor(tilesMax = 4) {
    this.cache = new TileCache(this.store, tilesMax);
    this.tileAt = (level, index, width) => this.cache.tile(0, level, index, width);
  }

  async grow(to: number): Promise<Buffer> {
    const growth = new TreeGrowth(await readRange(new TreeView(this.tileAt, this.size), this.size));
    growth.append(entries(this.size, to));
    const tiles = await growth.tiles(this.tileAt);
    const root = await fetchRoot(new TreeView(grownTiles(tiles, this.tileAt), to), to);
    expect(root).toEqual(growth.root());
    expect(await this.store.advance(0, this.size, { size: to, root, note: 'note' }, tiles)).toBe(true);
    this.size = to;
    return root;
  }

  get view(): TreeView {
    return new TreeView(this.tileAt, this.size);
  }
}

describe('a tree in tiles', () => {
  const reference = new MemoryTree(entries(0, LEAVES).map(leafHash));

  it.each([1, 2, 255, 256, 257, 511, 512, 513])('has the root of %d leaves', async (size) => {
    expect(await new TiledTree().grow(size)).toEqual(rootAt(reference, size));
  });

  it('has the same root whatever the steps were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 }), async (steps) => {
        const tree = new TiledTree();
        for (const step of steps) expect(await tree.grow(tree.size + step)).toEqual(rootAt(reference, tree.size));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('gives roots and proofs of every size it had', async () => {
    const tree = new TiledTree();
    for (const size of [100, 256, 300, 65_535, 65_536, 65_537, 66_000])
      expect(await tree.grow(size)).toEqual(rootAt(reference, size));
    for (const [index, size] of [
      [0, 1],
      [99, 100],
      [5, 256],
      [255, 256],
      [256, 257],
      [299, 300],
      [65_535, 65_536],
      [65_999, 66_000],
      [12_345, 60_001],
    ] as const) {
      expect(await proveInclusion(tree.view, index, size)).toEqual(inclusionProof(reference, index, size));
      expect(await proveConsistency(tree.view, index + 1, size)).toEqual(consistencyProof(reference, index + 1, size));
    }
  });

  it('reads nothing beyond its size', async () => {
    const tree = new TiledTree();
    await tree.grow(300);
    await expect(new TreeView(tree.tileAt, 299).hashAt(0, 299)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
    await expect(proveInclusion(new TreeView(tree.tileAt, 299), 5, 300)).rejects.toMatchObject({ code: 'FIELD_INVALID' });
  });

  it('takes a missing, torn or short tile for an altered store', async () => {
    const tree = new TiledTree(1);
    await tree.grow(300);
    for (const hashes of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(32 * 43), Buffer.alloc(32 * 257)]) {
      tree.store.tamper(0, 0, 1, hashes);
      const cold = new TileCache(tree.store, 1);
      await expect(cold.tile(0, 0, 1, 44)).rejects.toMatchObject({ code: 'RECORD_ALTERED' });
    }
  });

  it('keeps a bounded number of tiles in memory, the ones used last', async () => {
    const tree = new TiledTree();
    await tree.grow(2_000);
    let reads = 0;
    const cache = new TileCache({ tile: (...address) => ((reads += 1), tree.store.tile(...address)) }, 2);
    for (const index of [0, 1, 0, 2, 0]) await cache.tile(0, 0, index, 256);
    expect(reads).toBe(3);
    await cache.tile(0, 0, 1, 256);
    expect(reads).toBe(4);
  });

  it('reads a tile once, however many proofs need it at the same time', async () => {
    const tree = new TiledTree();
    await tree.grow(3_000);
    let reads = 0;
    const cache = new TileCache({ tile: (...address) => ((reads += 1), tree.store.tile(...address)) }, 64);
    const view = new TreeView((level, index, width) => cache.tile(0, level, index, width), 3_000);
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => proveInclusion(view, index * 3, 3_000)));
    // 12 tiles of leaves, one above.
    expect(reads).toBe(13);
  });

  it('widens a cached tile when the tree has grown', async () => {
    const tree = new TiledTree(100);
    await tree.grow(10);
    await tree.grow(20);
    expect((await tree.tileAt(0, 0, 10)).width).toBeGreaterThanOrEqual(10);
    expect((await tree.tileAt(0, 0, 20)).width).toBe(20);
  });
});
