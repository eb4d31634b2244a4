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
import { LIMITS } from '../config.js';
import type { LiveLog } from '../log/live-log.js';
import type { LeafStore, TreeHead, TreeStore } from '../storage/stores.js';
import type { TileCache } from '../tree/tile-cache.js';
import { grownTiles, readRange, TreeGrowth } from '../tree/tree-growth.js';
import { TreeView, type TileAt } from '../tree/tree-view.js';

export interface SequencerParts {
  readonly leaves: Pick<LeafStore, 'received' | 'readEntries'>;
  readonly trees: TreeStore;
  readonly tiles: TileCache;
  readonly logger: Logger;
}

/**
 * Extends the tree of one log by the entries that are durable, signs the checkpoint and swaps the head (hop 7). Several may run
 * for one log: the compare-and-swap lets one of them win, and the others take over its head.
 */
export class Sequencer {
  /** State from which the tree grows; undefined until it is read from the store, and again after every step that did not end well. */
  #range: CompactRangeState | undefined;
  readonly #tileAt: TileAt;

  constructor(
    private readonly live: LiveLog,
    private readonly parts: SequencerParts,
  ) {
    this.#tileAt = (level, index, width) => parts.tiles.tile(live.log.logNo, level, index, width);
  }

  /** Reads the durable head before anything else is done with the log. @throws DomainError as `step` */
  async open(): Promise<void> {
    if (this.#range === undefined) await this.#load();
  }

  /**
   * One new head, if there are new entries; false if there are none, or the log must not go on.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: try again; RECORD_ALTERED, PROOF_BROKEN: the store is not what was signed
   */
  async step(): Promise<boolean> {
    const { live, parts } = this;
    if (live.has('forked')) return false;
    const range = this.#range ?? (await this.#load());
    live.received = await parts.leaves.received(live.log.logNo);
    const to = this.#target(range.size);
    if (to === undefined) return false;
    // Whatever goes wrong from here on, the next step begins with what is durable then.
    this.#range = undefined;
    const growth = new TreeGrowth(range);
    while (growth.size < to) {
      const chunkEnd = Math.min(to, growth.size + LIMITS.sequenceEntriesMax);
      growth.append(await parts.leaves.readEntries(live.log.logNo, growth.size, chunkEnd));
    }
    return this.#commit(growth);
  }

  /** Reads the head that is durable and makes sure that it is ours, and extends the one we knew. */
  async #load(): Promise<CompactRangeState> {
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
    this.#range = range;
    return range;
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

  /**
   * Up to which size to go: all that is received, in bounded steps. A head that the chain has and this tree has not yet (a rewound
   * database) is the next stop, whatever its distance: below it nothing may be signed a second time.
   */
  #target(size: number): number | undefined {
    const { received, floor } = this.live;
    if (floor !== undefined && floor.size > size) return received >= floor.size ? floor.size : undefined;
    return received > size ? Math.min(received, size + LIMITS.sequenceEntriesMax) : undefined;
  }

  async #commit(growth: TreeGrowth): Promise<boolean> {
    const { live, parts } = this;
    const from = live.head;
    const tiles = await growth.tiles(this.#tileAt);
    const root = growth.root();
    const grown = new TreeView(grownTiles(tiles, this.#tileAt), growth.size);
    await this.#proveExtension(from, { size: growth.size, root }, grown);
    if (!this.#agreesWithChain(growth.size, root)) return false;
    const note = signCheckpoint({ origin: live.log.origin, size: growth.size, root }, live.log.checkpointKey);
    const next = { size: growth.size, root, note };
    // Commit point 2: tiles, checkpoint and head become durable together, or nothing does. If the answer is lost, the signature is
    // known to nobody but the database: the next step reads the head again and goes on from whichever it is.
    if (!(await parts.trees.advance(live.log.logNo, from.size, next, tiles))) return true;
    this.#range = growth.state();
    live.head = next;
    return true;
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
