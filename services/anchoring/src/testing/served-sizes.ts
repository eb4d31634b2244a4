import { CompactRange, leafHash, signCheckpoint, verifierKey } from '@countersign/merkle';
import { MemoryTreeStore } from '../storage/memory-stores.js';
import type { ServedTree } from '../static/served-tree.js';
import { TileCache } from '../tree/tile-cache.js';
import { TreeGrowth } from '../tree/tree-growth.js';
import { sampleEntries, sampleLog } from './sample-log.js';

/** One log as it stood at several sizes, each served under a prefix of its own: `at-<size>`. */
export interface ServedSizes {
  readonly trees: readonly ServedTree[];
  readonly tiles: MemoryTreeStore;
  readonly entries: readonly Buffer[];
  /** As auditors pin it. */
  readonly verifierKey: string;
}

/** Stores the tree of the largest size only: every smaller one is part of it. */
export async function serveSizes(sizes: readonly number[]): Promise<ServedSizes> {
  const { log } = sampleLog(0);
  const largest = Math.max(...sizes);
  const entries = sampleEntries(0, largest);
  const tiles = new MemoryTreeStore();
  const cache = new TileCache(tiles, 1);
  const growth = new TreeGrowth({ size: 0, hashes: [] });
  growth.append(entries);
  const stored = await growth.tiles((level, index, width) => cache.tile(0, level, index, width));
  await tiles.advance(0, 0, { size: largest, root: growth.root(), note: 'whole' }, stored);
  const notes = new Map<number, string>();
  const range = CompactRange.empty();
  for (const size of sizes.filter((each) => each > 0).toSorted((a, b) => a - b)) {
    for (const entry of entries.slice(range.size, size)) range.append(leafHash(entry));
    notes.set(size, signCheckpoint({ origin: log.origin, size, root: range.root() }, log.checkpointKey));
  }
  const trees = sizes.map((size) => ({
    origin: `countersign.example/at-${size}`,
    logId: `id-${size}`,
    logNo: 0,
    size: () => size,
    checkpoint: () => notes.get(size) ?? '',
    entries: (from: number, to: number) => Promise.resolve(entries.slice(from, to)),
  }));
  return { trees, tiles, entries, verifierKey: verifierKey(log.origin, log.noteKey.raw) };
}
