import type { CompactRangeState } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { LIMITS } from '../config.js';
import type { LiveLog } from '../log/live-log.js';
import type { LeafStore, TreeStore } from '../storage/stores.js';
import { SignedTree } from '../tree/signed-tree.js';
import type { TileCache } from '../tree/tile-cache.js';
import { TreeGrowth } from '../tree/tree-growth.js';

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
  readonly #tree: SignedTree;

  constructor(
    private readonly live: LiveLog,
    private readonly parts: SequencerParts,
  ) {
    this.#tree = new SignedTree(live, parts);
  }

  /** Reads the durable head before anything else is done with the log. @throws DomainError as `step` */
  async open(): Promise<void> {
    this.#range ??= await this.#tree.load();
  }

  /**
   * One new head, if there are new entries; false if there are none, or the log must not go on.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: try again; RECORD_ALTERED, PROOF_BROKEN: the store is not what was signed
   */
  async step(): Promise<boolean> {
    const { live, parts } = this;
    if (live.has('forked')) return false;
    const range = this.#range ?? (await this.#tree.load());
    this.#range = range;
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
    const signed = await this.#tree.sign(growth);
    if (signed === undefined) return false;
    const { next, tiles } = signed;
    // Commit point 2: tiles, checkpoint and head become durable together, or nothing does. If the answer is lost, the signature is
    // known to nobody but the database: the next step reads the head again and goes on from whichever it is.
    if (!(await parts.trees.advance(live.log.logNo, live.head.size, next, tiles))) return true;
    this.#range = growth.state();
    live.head = next;
    return true;
  }
}
