import {
  logKey,
  type AnchoredHead,
  type Chain,
  type CommitReceipt,
  type Head,
  type HeadCommit,
  type Settlement,
} from '@countersign/chain';
import { DomainError } from '@countersign/kernel';
import { parseNote, proveConsistency, sameBytes, verifyConsistency } from '@countersign/merkle';
import type { Logger } from '@countersign/observability';
import { alarm, raise } from '../alarm.js';
import { LIMITS } from '../config.js';
import type { TreeLog } from '../log/known-log.js';
import type { LiveLog } from '../log/live-log.js';
import type { Rest } from '../run-loop.js';
import type { AnchorStore, TreeStore } from '../storage/stores.js';
import type { TileCache } from '../tree/tile-cache.js';
import { viewOf } from '../tree/log-view.js';
import { ChainReconciler, type ChainHeads } from './chain-reconciler.js';

export interface PublisherParts {
  readonly chain: Chain;
  readonly anchors: AnchorStore;
  readonly trees: Pick<TreeStore, 'checkpointAt'>;
  readonly tiles: TileCache;
  readonly logger: Logger;
  /** Least time between two commits. */
  readonly commitIntervalMs?: number;
  /** Commits the accepted heads again after so long without a commit; 0 (default): never. */
  readonly heartbeatMs?: number;
}

/**
 * Commits the new heads of all logs to the chain in one transaction (hop 8): on change, at most once in a commit interval.
 * One commit at a time. What was sent and is not known to be stored is sent again, the same heads, before any other head.
 */
export class Publisher {
  readonly #reconciler: ChainReconciler;
  /** How often the heads of the newest broadcast were sent. */
  #attempts = 0;
  #lastCommitMs = Date.now();

  constructor(
    private readonly lives: readonly LiveLog<TreeLog>[],
    private readonly parts: PublisherParts,
  ) {
    this.#reconciler = new ChainReconciler(lives, parts);
  }

  /**
   * Reads the chain, notes what it has, and commits what it has not.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE: outcome unknown; the next step reads the chain first
   */
  async step(): Promise<Rest> {
    const chainHeads = await this.#reconciler.reconcile();
    const batch = await this.#nextBatch(chainHeads);
    if (batch.length === 0) return { ms: this.#idleMs(), wakeable: true };
    // Bound and sent inside, in this order (commit point 3). If this throws, nobody knows: the chain tells, in the next step.
    const attempt = this.#attempts++;
    const receipt = await this.parts.chain.commitHeads(batch, attempt);
    this.#lastCommitMs = Date.now();
    await this.#settle(batch, receipt);
    return { ms: this.#intervalMs, wakeable: false };
  }

  /** The heads that were sent and not settled, else every new one, else, as a heartbeat, the accepted ones. */
  async #nextBatch(chainHeads: ChainHeads): Promise<HeadCommit[]> {
    const open = this.lives.filter((live) => !live.has('forked') && !live.has('closed') && !live.has('behind-chain'));
    const pending = await this.#pendingHeads(open, chainHeads);
    if (pending.length === 0) this.#attempts = 0;
    const commits: HeadCommit[] = [];
    for (const live of open) {
      const from = chainHeads.get(live.log.key);
      const head = pending.length > 0 ? pending.find(({ logId }) => sameBytes(logId, live.log.logId)) : live.head;
      if (head !== undefined && head.size > (from?.size ?? 0)) commits.push(await this.#commitOf(live, from, head));
    }
    return commits.length === 0 && this.#isHeartbeatDue() ? heartbeatOf(open, chainHeads) : commits;
  }

  /**
   * Heads of the newest broadcast that the chain may still come to store. One at or below the chain's latest head is settled:
   * it is stored, and noted as such, or never will be.
   */
  async #pendingHeads(open: readonly LiveLog<TreeLog>[], chainHeads: ChainHeads): Promise<Head[]> {
    const last = await this.parts.anchors.lastBroadcast();
    if (last === undefined) return [];
    const known = last.heads.filter(({ logId }) => open.some(({ log }) => sameBytes(log.logId, logId)));
    const noted = await Promise.all(known.map(({ logId, size }) => this.parts.anchors.confirmedAt(logId, size)));
    const unnoted = known.filter((_, index) => noted[index] === undefined);
    if (unnoted.length === 0) return [];
    const stored = await this.parts.chain.confirm(unnoted);
    await this.parts.anchors.confirm(stored.map((head) => ({ ...head, transaction: last.transaction })));
    const above = ({ logId, size }: Head): boolean => size > (chainHeads.get(logKey(logId))?.size ?? 0);
    return unnoted.filter((head) => above(head) && !stored.some(({ logId }) => sameBytes(logId, head.logId)));
  }

  async #commitOf(
    live: LiveLog<TreeLog>,
    from: AnchoredHead | undefined,
    head: Pick<Head, 'size' | 'root'>,
  ): Promise<HeadCommit> {
    const { log } = live;
    const checkpoint = await this.parts.trees.checkpointAt(log.logNo, head.size);
    if (!checkpoint || !sameBytes(checkpoint.root, head.root)) {
      raise(this.parts.logger, live, 'forked', { size: head.size });
      throw new DomainError('RECORD_ALTERED', {
        field: 'checkpoint',
        rule: 'a head that was sent is a checkpoint that was signed',
      });
    }
    live.chosenSize = head.size;
    const consistencyProof = from === undefined ? [] : await this.#proofFrom(live, from, head);
    const checkpointSignature = parseNote(checkpoint.note).signatures[0]?.signature ?? Buffer.alloc(0);
    return { logId: log.logId, size: head.size, root: head.root, consistencyProof, checkpointSignature, attestations: [] };
  }

  /** Verified here first: a head that does not extend what the chain has is not sent. */
  async #proofFrom(live: LiveLog<TreeLog>, from: AnchoredHead, head: Pick<Head, 'size' | 'root'>): Promise<Uint8Array[]> {
    const proof = await proveConsistency(viewOf(live, this.parts.tiles, head.size), from.size, head.size);
    verifyConsistency({ fromSize: from.size, fromRoot: from.root, toSize: head.size, toRoot: head.root, proof });
    return proof;
  }

  async #settle(batch: readonly HeadCommit[], { transaction, settlements }: CommitReceipt): Promise<void> {
    const stored = [...settlements.values()].flatMap((settlement) => (settlement.status === 'stored' ? [settlement.head] : []));
    await this.parts.anchors.confirm(stored.map((head) => ({ ...head, transaction })));
    for (const { logId, size } of batch) this.#tell(logKey(logId), size, settlements);
  }

  #tell(key: string, size: number, settlements: ReadonlyMap<string, Settlement>): void {
    const settlement = settlements.get(key);
    const origin = this.lives.find(({ log }) => log.key === key)?.log.origin ?? key;
    if (settlement?.status === 'stored') {
      this.parts.logger.info('head-anchored', { origin, size, height: settlement.head.height, chain: settlement.head.chain });
    } else if (settlement?.status === 'refused') {
      // What the chain lists may have changed: it is read again before the next commit.
      this.#reconciler.forgetListings();
      alarm(this.parts.logger, 'head-refused', origin, { size, reason: settlement.refusal });
    }
  }

  get #intervalMs(): number {
    return this.parts.commitIntervalMs ?? LIMITS.commitIntervalMs;
  }

  #idleMs(): number {
    const { heartbeatMs = 0 } = this.parts;
    return heartbeatMs > 0 ? Math.min(LIMITS.chainCheckMs, heartbeatMs) : LIMITS.chainCheckMs;
  }

  #isHeartbeatDue(): boolean {
    const { heartbeatMs = 0 } = this.parts;
    return heartbeatMs > 0 && Date.now() - this.#lastCommitMs >= heartbeatMs;
  }
}

/** Accepted heads once more: a repeat is a success that changes nothing, and shows that publisher and chain live. */
function heartbeatOf(open: readonly LiveLog<TreeLog>[], chainHeads: ChainHeads): HeadCommit[] {
  return open.flatMap(({ log }) => {
    const head = chainHeads.get(log.key);
    if (head === undefined) return [];
    const { logId, size, root } = head;
    return [{ logId, size, root, consistencyProof: [], checkpointSignature: Buffer.alloc(0), attestations: [] }];
  });
}
