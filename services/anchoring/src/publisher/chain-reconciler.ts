import type { AnchoredHead, Chain } from '@countersign/chain';
import { fetchRoot, sameBytes } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm, raise } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { AnchorStore } from '../storage/stores.js';
import type { TileCache } from '../tree/tile-cache.js';
import { viewOf } from '../tree/log-view.js';

/** The chain's latest heads by log id in hex. */
export type ChainHeads = ReadonlyMap<string, AnchoredHead>;

export interface ReconcilerParts {
  readonly chain: Chain;
  readonly anchors: AnchorStore;
  readonly tiles: TileCache;
  readonly logger: Logger;
}

/** Compares what the chain holds with what this service noted and with its trees, and lists logs that the chain does not know. */
export class ChainReconciler {
  /** Chain on which the listings were looked up; undefined if they must be. */
  #listedOn: string | undefined;
  /** The chain's head that was last compared with the tree, by log. */
  readonly #compared = new Map<string, AnchoredHead>();

  constructor(
    private readonly lives: readonly LiveLog<TreeLog>[],
    private readonly parts: ReconcilerParts,
  ) {}

  /** The next reconciliation looks the listings up again. */
  forgetListings(): void {
    this.#listedOn = undefined;
  }

  /**
   * Reads the chain's latest heads; afterwards every log's floor and troubles are up to date, and what the chain has is noted.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  async reconcile(): Promise<ChainHeads> {
    const { chain } = this.parts;
    await this.#lookUpListings();
    const heads = await chain.readHeads(this.lives.map(({ log }) => log.logId));
    for (const live of this.lives) await this.#noteRewind(live, heads.get(live.log.key));
    // A chain that lost heads may have lost the logs themselves.
    await this.#lookUpListings();
    for (const live of this.lives) await this.#compare(live, heads.get(live.log.key));
    return heads;
  }

  /** Once for a chain, and again whenever it turns out to be another or to know less. */
  async #lookUpListings(): Promise<void> {
    const { chain, anchors, logger } = this.parts;
    const identity = await chain.identity();
    if (identity === this.#listedOn) return;
    await anchors.rewindOtherChains(identity);
    let listings = await chain.listings(this.lives.map(({ log }) => log.logId));
    for (const { log } of this.lives.filter(({ log }) => !listings.has(log.key))) {
      await chain.listLog(log.logId);
      logger.info('log-listed', { origin: log.origin, chain: identity });
    }
    listings = await chain.listings(this.lives.map(({ log }) => log.logId));
    for (const live of this.lives) {
      const listing = listings.get(live.log.key);
      if (listing === undefined || !listing.isOurs || listing.closed !== undefined)
        raise(logger, live, 'closed', { chain: identity });
      else live.clear('closed');
    }
    this.#listedOn = identity;
  }

  /** A chain that holds less than was noted has been rewound: what it lost counts for nothing until it is committed again. */
  async #noteRewind(live: LiveLog<TreeLog>, head: AnchoredHead | undefined): Promise<void> {
    const { chain, anchors, logger } = this.parts;
    const noted = await anchors.latestConfirmed(live.log.logId);
    if (noted === undefined || (head !== undefined && head.size >= noted.size)) return;
    alarm(logger, 'chain-rewound', live.log.origin, { from: noted.size, to: head?.size ?? 0, chain: noted.chain });
    this.forgetListings();
    for (let above = 0; ;) {
      const page = await anchors.confirmedAbove(live.log.logId, above, LIMITS.rewoundHeadsMax);
      const [last] = page.slice(-1);
      if (last === undefined) return;
      const kept = new Set((await chain.confirm(page)).map(({ size }) => size));
      await anchors.rewind(
        live.log.logId,
        page.map(({ size }) => size).filter((size) => !kept.has(size)),
      );
      above = last.size;
    }
  }

  /** The chain's head must be one of our tree. If our tree is smaller, it has to grow up to it first. */
  async #compare(live: LiveLog<TreeLog>, head: AnchoredHead | undefined): Promise<void> {
    const { logger, tiles } = this.parts;
    live.floor = head;
    live.isFloorKnown = true;
    if (head !== undefined && head.size > live.head.size) {
      raise(logger, live, 'behind-chain', { size: live.head.size, expected: head.size });
      return;
    }
    live.clear('behind-chain');
    if (head === undefined || live.has('forked') || this.#wasCompared(live, head)) return;
    if (!sameBytes(await fetchRoot(viewOf(live, tiles, head.size), head.size), head.root)) {
      raise(logger, live, 'forked', { size: head.size, chain: head.chain });
      return;
    }
    await this.#note(live, head);
    this.#compared.set(live.log.key, head);
  }

  #wasCompared({ log }: LiveLog<TreeLog>, head: AnchoredHead): boolean {
    const compared = this.#compared.get(log.key);
    return compared?.size === head.size && sameBytes(compared.root, head.root);
  }

  /** Notes a head of the chain that this service does not know of yet, e.g. after a crash between storing and noting. */
  async #note(live: LiveLog<TreeLog>, head: AnchoredHead): Promise<void> {
    const { anchors } = this.parts;
    if ((await anchors.confirmedAt(live.log.logId, head.size)) !== undefined) return;
    const last = await anchors.lastBroadcast();
    const isOfLast = last?.heads.some(({ logId, size }) => size === head.size && sameBytes(logId, live.log.logId)) ?? false;
    await anchors.confirm([{ ...head, transaction: isOfLast && last ? last.transaction : new Uint8Array() }]);
  }
}
