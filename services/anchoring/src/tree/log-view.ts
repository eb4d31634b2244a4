import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { TileCache } from './tile-cache.js';
import { TreeView } from './tree-view.js';

/** The tree of a log at a size, through the tile cache. */
export function viewOf({ log }: LiveLog<TreeLog>, tiles: TileCache, size: number): TreeView {
  return new TreeView((level, index, width) => tiles.tile(log.logNo, level, index, width), size);
}
