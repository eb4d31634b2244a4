import { DomainError } from '@countersign/kernel';
import {
  CompactRange,
  fetchRoot,
  openCheckpoint,
  proveConsistency,
  sameBytes,
  signCheckpoint,
  verifyConsistency,
  type CompactRangeState,
} from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { raise } from '../alarm.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { Tile, TreeHead, TreeStore } from '../storage/stores.js';
import type { TileCache } from './tile-cache.js';
import { grownTiles, readRange, type TreeGrowth } from './tree-growth.js';
import { TreeView, type TileAt } from './tree-view.js';

export interface SignedTreeParts {
  readonly trees: Pick<TreeStore, 'head'>;
  readonly tiles: TileCache;
  readonly logger: Logger;
}

/** A head that is signed and not durable yet, with the tiles that belong to it. */
export interface NextHead {
  readonly next: TreeHead;
  readonly tiles: readonly Tile[];
}

/** The tree of one log between what is durable and what is signed next. */
export class SignedTree {
  readonly #tileAt: TileAt;

  constructor(
    private readonly live: LiveLog<TreeLog>,
    private readonly parts: SignedTreeParts,
  ) {
    this.#tileAt = (level, index, width) => parts.tiles.tile(live.log.logNo, level, index, width);
  }

  /**
   * Reads the head that is durable and makes sure that it is ours, and extends the one we knew.
   *
   * @throws DomainError RECORD_ALTERED if it does not, with the log's trouble raised; DEPENDENCY_UNAVAILABLE
   */
  async load(): Promise<CompactRangeState> {
    const { live, parts } = this;
    const head = await parts.trees.head(live.log.logNo);
    const view = new TreeView(this.#tileAt, head.size);
    const range = await readRange(view, head.size);
    const isWhole = sameBytes(CompactRange.restore(range).root(), head.root) && this.#isSigned(head);
    // After an unknown outcome or a lost swap this is the comparison: nothing we knew may be gone or changed.
    const isLater = head.size >= live.head.size && sameBytes(await fetchRoot(view, live.head.size), live.head.root);
    if (!isWhole || !isLater) {
      raise(parts.logger, live, 'forked', { size: head.size, from: live.head.size });
      throw new DomainError('RECORD_ALTERED', { field: 'tree', rule: 'the stored tree is the one that was signed' });
    }
    live.head = head;
    return range;
  }

  /**
   * Signs the head of a growth, once it is proven to extend the one before. Undefined, with the log's trouble raised, if the chain
   * holds another root of this size.
   *
   * @throws DomainError PROOF_BROKEN, RECORD_ALTERED: the store is not what was signed
   */
  async sign(growth: TreeGrowth): Promise<NextHead | undefined> {
    const { live } = this;
    const tiles = await growth.tiles(this.#tileAt);
    const root = growth.root();
    const grown = new TreeView(grownTiles(tiles, this.#tileAt), growth.size);
    await this.#proveExtension(live.head, { size: growth.size, root }, grown);
    if (!this.#agreesWithChain(growth.size, root)) return undefined;
    const note = signCheckpoint({ origin: live.log.origin, size: growth.size, root }, live.log.checkpointKey);
    return { next: { size: growth.size, root, note }, tiles };
  }

  #isSigned(head: TreeHead): boolean {
    if (head.size === 0) return true;
    try {
      const { size, root } = openCheckpoint(head.note, this.live.log.noteKey);
      return size === head.size && sameBytes(root, head.root);
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  /** No head is signed that does not extend the one before it, as computed from what will be stored. */
  async #proveExtension(
    from: Pick<TreeHead, 'size' | 'root'>,
    to: Pick<TreeHead, 'size' | 'root'>,
    grown: TreeView,
  ): Promise<void> {
    verifyConsistency({
      fromSize: from.size,
      fromRoot: from.root,
      toSize: to.size,
      toRoot: to.root,
      proof: await proveConsistency(grown, from.size, to.size),
    });
  }

  #agreesWithChain(size: number, root: Buffer): boolean {
    const { live, parts } = this;
    if (live.floor?.size !== size || sameBytes(live.floor.root, root)) return true;
    raise(parts.logger, live, 'forked', { size });
    return false;
  }
}
