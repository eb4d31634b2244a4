import { DomainError } from '@countersign/kernel';
import { CompactRange, leafHash, sameBytes, type CompactRangeState } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { encodeHeadsEntry, MapPageLayer, MapPaths, parseEntry, parseHeadsEntry, ZERO_DIGEST } from '@countersign/record';
import { raise } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { HeadsStore } from '../storage/heads-store.js';
import type { LeafStore, TreeHead, TreeStore } from '../storage/stores.js';
import { viewOf } from '../tree/log-view.js';
import { SignedTree } from '../tree/signed-tree.js';
import type { TileCache } from '../tree/tile-cache.js';
import { readRange, TreeGrowth } from '../tree/tree-growth.js';
import { MapPageCache } from './map-pages.js';

export interface HeadsSequencerParts {
  readonly leaves: Pick<LeafStore, 'readEntries'>;
  readonly trees: Pick<TreeStore, 'head' | 'checkpointAt'>;
  readonly heads: HeadsStore;
  readonly tiles: TileCache;
  readonly logger: Logger;
  /** Pages of the map kept in memory. */
  readonly pagesMax?: number;
}

/** What is durable: the heads log with its last entry, and the map and base tree that the entry is about. */
interface HeadsState {
  readonly range: CompactRangeState;
  readonly baseRange: CompactRangeState;
  readonly mapRoot: Uint8Array;
}

/** The map and the base tree after some base entries more. Nothing of it is durable. */
interface HeadsGrowth {
  readonly base: CompactRange;
  readonly layer: MapPageLayer;
  readonly mapRoot: Uint8Array;
  readonly previous: readonly number[];
}

/**
 * Brings the item map of one log up to a durable base checkpoint, and appends what it then is to the heads log (docs/record.md §14).
 * Several may run for one log, as with the base log: the compare-and-swap lets one of them win.
 *
 * Begins only when the chain was read: an entry that a set-back database has lost was perhaps signed and committed, and no other
 * entry may take its place.
 */
export class HeadsSequencer {
  #state: HeadsState | undefined;
  readonly #tree: SignedTree;
  readonly #pages: MapPageCache;

  constructor(
    private readonly base: LiveLog,
    private readonly live: LiveLog<TreeLog>,
    private readonly parts: HeadsSequencerParts,
  ) {
    this.#tree = new SignedTree(live, parts);
    this.#pages = new MapPageCache(parts.heads, base.log.logNo, parts.pagesMax ?? LIMITS.mapPagesCachedMax);
  }

  /** Reads what is durable. @throws DomainError as `step` */
  async open(): Promise<void> {
    this.#state ??= await this.#guarded(() => this.#load());
  }

  /**
   * One new heads entry, if there is a base checkpoint to make it of; false if there is none, or the log must not go on.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: try again; RECORD_ALTERED, PROOF_BROKEN, with the log's trouble raised: the stored map
   *   or tree is not what was signed
   */
  async step(): Promise<boolean> {
    const { base, live } = this;
    if (live.has('forked') || base.has('forked') || !live.isFloorKnown || live.has('behind-chain')) return false;
    return this.#guarded(async () => {
      const state = this.#state ?? (await this.#load());
      this.#state = state;
      const target = await this.#target(state.baseRange.size);
      if (target === undefined) return false;
      // Whatever goes wrong from here on, the next step begins with what is durable then.
      this.#state = undefined;
      return this.#commit(state, target, await this.#grow(state, target));
    });
  }

  /** Reads heads log and map, and holds them against each other: the last entry commits to every page. */
  async #load(): Promise<HeadsState> {
    const { base, live, parts } = this;
    const range = await this.#tree.load();
    this.#pages.reset(range.size - 1);
    if (range.size === 0) return { range, baseRange: { size: 0, hashes: [] }, mapRoot: ZERO_DIGEST };
    const [entry = Buffer.alloc(0)] = await parts.heads.entries(live.log.logNo, range.size - 1, range.size);
    const committed = await viewOf(live, parts.tiles, range.size).hashAt(0, range.size - 1);
    if (!sameBytes(leafHash(entry), committed)) throw altered('headsEntry', 'the last entry is the one under the checkpoint');
    const { baseSize, baseRoot, mapRoot } = parseHeadsEntry(entry);
    const size = Number(baseSize);
    const baseRange = await readRange(viewOf(base, parts.tiles, size), size);
    if (!sameBytes(CompactRange.restore(baseRange).root(), baseRoot)) throw altered('baseRoot', 'the base tree has that root');
    // The root page now, each other page when it is used.
    await MapPaths.load(this.#pages, mapRoot, []);
    return { range, baseRange, mapRoot };
  }

  /** The head that was chosen for the chain, so that item heads are there for what is anchored; else the newest one. */
  async #target(mapped: number): Promise<TreeHead | undefined> {
    const { base, parts } = this;
    const upTo = base.chosenSize > mapped ? base.chosenSize : base.head.size;
    if (upTo <= mapped) return undefined;
    return parts.heads.nextBase(base.log.logNo, mapped, upTo, LIMITS.headsEntriesMax);
  }

  async #grow({ baseRange, mapRoot }: HeadsState, target: TreeHead): Promise<HeadsGrowth> {
    const base = CompactRange.restore(baseRange);
    const layer = new MapPageLayer(this.#pages);
    const previous: number[] = [];
    let root = mapRoot;
    while (base.size < target.size) {
      const from = base.size;
      const to = Math.min(target.size, from + LIMITS.mapEntriesAtOnce);
      const entries = await this.parts.leaves.readEntries(this.base.log.logNo, from, to);
      const paths = await MapPaths.load(
        layer,
        root,
        entries.map((entry) => parseEntry(entry).itemKey),
      );
      const growth = paths.grow(from, entries);
      for (const entry of entries) base.appendEntry(entry);
      layer.put(growth.pages);
      for (const position of growth.previous) previous.push(position);
      root = growth.root;
    }
    if (!sameBytes(base.root(), target.root)) throw altered('entry', 'the stored entries are those under the base checkpoint');
    return { base, layer, previous, mapRoot: root };
  }

  async #commit({ range, baseRange }: HeadsState, target: TreeHead, growth: HeadsGrowth): Promise<boolean> {
    const { base, live, parts } = this;
    const { layer, mapRoot, previous } = growth;
    const entry = encodeHeadsEntry({ baseSize: BigInt(target.size), baseRoot: target.root, mapRoot });
    const tree = new TreeGrowth(range);
    tree.append([entry]);
    const signed = await this.#tree.sign(tree);
    if (signed === undefined) return false;
    const pages = layer.pages();
    // Commit point 4: entry, tree, checkpoint, map and back references become durable together, or nothing does. If the answer is lost,
    // the next step reads what is durable. Until then nobody was shown the signature.
    const appended = await parts.heads.append({
      headsNo: live.log.logNo,
      baseNo: base.log.logNo,
      index: range.size,
      entry,
      ...signed,
      fromSize: baseRange.size,
      previous,
      pages: [...pages].map(([name, { content }]) => ({ name, content })),
      versionsKept: LIMITS.mapVersionsKept,
    });
    if (!appended) return true;
    this.#pages.advance(range.size, pages);
    this.#state = { range: tree.state(), baseRange: { size: growth.base.size, hashes: growth.base.hashes() }, mapRoot };
    live.head = signed.next;
    live.received = signed.next.size;
    return true;
  }

  /** A store that is not what was signed stops this heads log, and nothing else. */
  async #guarded<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') {
        const { code, detail } = error;
        raise(this.parts.logger, this.live, 'forked', { code, field: detail.field, size: this.live.head.size });
      }
      throw error;
    }
  }
}

function altered(field: string, rule: string): DomainError {
  return new DomainError('RECORD_ALTERED', { field, rule });
}
