import { DomainError } from '@countersign/kernel';
import { encodeEntryBundle, HASH_SIZE, parseTilePath, TILE_WIDTH, tileWidthAt, type TileAddress } from '@countersign/merkle';
import type { LogNo, TreeStore } from '../storage/stores.js';

/** A tree of the stores, as the static door gives it out: what C2SP tlog-tiles asks of a log. */
export interface ServedTree {
  readonly origin: string;
  /** In hex. */
  readonly logId: string;
  readonly logNo: LogNo;
  /** Size of the newest head that is durable; nothing beyond it is given out. */
  size(): number;
  /** The signed checkpoint with every signature line there is; of this size or an earlier one. Empty at size 0. */
  checkpoint(): string | Promise<string>;
  entries(from: number, to: number): Promise<readonly Uint8Array[]>;
}

/** A static resource. */
export interface Resource {
  readonly body: Uint8Array;
  readonly type: string;
  /** True if the bytes of this path never change. */
  readonly immutable: boolean;
}

const CHECKPOINT_TYPE = 'text/plain; charset=utf-8';
const TILE_TYPE = 'application/octet-stream';

/**
 * Reads one resource of a tree as it is stored: who fetches it holds it against the checkpoint himself.
 *
 * @param path below the log's prefix
 * @returns undefined if there is no such resource at the published size
 * @throws DomainError DEPENDENCY_UNAVAILABLE; RECORD_ALTERED if stored tiles or entries are missing
 */
export async function readResource(
  tree: ServedTree,
  path: string,
  tiles: Pick<TreeStore, 'tile'>,
): Promise<Resource | undefined> {
  if (path === 'checkpoint') {
    const note = await tree.checkpoint();
    return note === '' ? undefined : { body: Buffer.from(note), type: CHECKPOINT_TYPE, immutable: false };
  }
  const address = parseTilePath(path);
  // A tile only grows, so its first hashes are those of every narrower partial tile.
  if (address === undefined || address.width > tileWidthAt(tree.size(), address.level, address.index)) return undefined;
  return { body: await readTile(tree, address, tiles), type: TILE_TYPE, immutable: true };
}

async function readTile(
  tree: ServedTree,
  { level, index, width }: TileAddress,
  tiles: Pick<TreeStore, 'tile'>,
): Promise<Uint8Array> {
  if (level === 'entries') {
    const from = index * TILE_WIDTH;
    return encodeEntryBundle(await tree.entries(from, from + width));
  }
  const hashes = (await tiles.tile(tree.logNo, level, index)) ?? Buffer.alloc(0);
  if (hashes.length < width * HASH_SIZE) {
    const context = { log: tree.origin, level, index, width };
    throw new DomainError('RECORD_ALTERED', { field: 'tile', rule: 'stored tiles are complete', context });
  }
  return hashes.subarray(0, width * HASH_SIZE);
}
