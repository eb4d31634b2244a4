import type { Broadcasts, Chain } from '@countersign/chain';
import type { EventBus } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { gauge, type Logger } from '@countersign/observability';
import { LIMITS } from './config.js';
import { LeavesIntake } from './intake/leaves-intake.js';
import { consumeLeaves } from './intake/leaves.consumer.js';
import type { KnownLog } from './log/known-log.js';
import { LiveLog } from './log/live-log.js';
import { ProofBuilder } from './proofs/proof-builder.js';
import { Publisher } from './publisher/publisher.js';
import { startLoop, type Loop, type Rest } from './run-loop.js';
import { Sequencer } from './sequencer/sequencer.js';
import type { ServedTree } from './static/served-tree.js';
import type { AnchorStore, LeafStore, TreeStore } from './storage/stores.js';
import { TileCache } from './tree/tile-cache.js';

export interface AnchoringStores {
  readonly leaves: LeafStore;
  readonly trees: TreeStore;
  readonly anchors: AnchorStore;
}

export interface RunOptions {
  readonly bus: EventBus;
  readonly topicPrefix: string;
  /** Makes the adapter that commits with these broadcasts recorded first. */
  readonly chain: (broadcasts: Broadcasts) => Chain;
  readonly commitIntervalMs?: number;
  readonly heartbeatMs?: number;
}

/** The logs, trees and commits of one process: what the doors read, and what the loops write once `run` was called. */
export class Anchoring {
  readonly lives: readonly LiveLog[];
  readonly proofs: ProofBuilder;
  readonly #tiles: TileCache;
  readonly #sequencers: readonly Sequencer[];

  private constructor(
    logs: readonly KnownLog[],
    readonly stores: AnchoringStores,
    private readonly logger: Logger,
  ) {
    this.#tiles = new TileCache(stores.trees, LIMITS.tilesCachedMax);
    this.lives = logs.map((log) => new LiveLog(log));
    this.#sequencers = this.lives.map((live) => new Sequencer(live, { ...stores, tiles: this.#tiles, logger }));
    this.proofs = new ProofBuilder({ ...stores, tiles: this.#tiles, logger });
  }

  /**
   * Reads the heads that are durable. A log whose tree is not what was signed is left alone, with an alarm; the others go on.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  static async open(logs: readonly KnownLog[], stores: AnchoringStores, logger: Logger): Promise<Anchoring> {
    const anchoring = new Anchoring(logs, stores, logger);
    for (const sequencer of anchoring.#sequencers) await openUnlessForked(sequencer);
    for (const live of anchoring.lives) live.received = await stores.leaves.received(live.log.logNo);
    return anchoring;
  }

  /** The log of that id. @throws DomainError NOT_FOUND */
  live(logId: Uint8Array): LiveLog {
    const live = this.lives.find(({ log }) => log.logId.equals(logId));
    if (live === undefined) throw new DomainError('NOT_FOUND');
    return live;
  }

  /** Every tree, as the static door serves it. */
  servedTrees(): readonly ServedTree[] {
    return this.lives.map((live) => ({
      origin: live.log.origin,
      logId: live.log.key,
      logNo: live.log.logNo,
      size: () => live.head.size,
      checkpoint: () => live.head.note,
      entries: (from, to) => this.stores.leaves.readEntries(live.log.logNo, from, to),
    }));
  }

  /** Age of the oldest entry that is not under a head on chain; 0 if there is none. */
  async oldestUnanchoredSeconds({ log }: LiveLog): Promise<number> {
    const anchored = await this.stores.anchors.latestConfirmed(log.logId);
    const since = await this.stores.leaves.receivedAt(log.logNo, anchored?.size ?? 0);
    return since === undefined ? 0 : Math.max(0, (Date.now() - since.getTime()) / 1_000);
  }

  /** Starts intake, sequencers and publisher. @returns stops them, in that order, each after the step that runs */
  run(options: RunOptions): () => Promise<void> {
    const { logger, stores } = this;
    const chain = options.chain(stores.anchors);
    const { commitIntervalMs, heartbeatMs } = options;
    const publisher = new Publisher(this.lives, { chain, ...stores, tiles: this.#tiles, logger, commitIntervalMs, heartbeatMs });
    const publishing = startLoop('publisher', () => publisher.step(), logger);
    const sequencing = new Map(
      this.#sequencers.map((sequencer, index) => [
        this.lives[index],
        startLoop('sequencer', () => sequence(sequencer, publishing), logger),
      ]),
    );
    const intake = new LeavesIntake({ leaves: stores.leaves, logger, onStored: (live) => sequencing.get(live)?.wake() });
    const receiving = this.#receive(intake, options);
    const endGauges = this.#measure();
    return async () => {
      endGauges();
      await receiving();
      await Promise.all([...sequencing.values()].map((loop) => loop.stop()));
      await publishing.stop();
    };
  }

  /** Joins the consumer group as soon as the broker is there; its absence is lag, not a failed start. */
  #receive(intake: LeavesIntake, { bus, topicPrefix }: RunOptions): () => Promise<void> {
    const { lives, logger } = this;
    const groupId = `${topicPrefix}countersign-anchoring-leaves`;
    let consumption: Awaited<ReturnType<typeof consumeLeaves>> | undefined;
    const joining = startLoop(
      'leaves-consumer',
      async () => {
        consumption ??= await consumeLeaves({ bus, intake, lives, logger, topicPrefix, groupId });
        return { ms: LIMITS.consumerCheckMs, wakeable: true };
      },
      logger,
    );
    return async () => {
      await joining.stop();
      await consumption?.stop();
    };
  }

  #measure(): () => void {
    const gauges = this.lives.flatMap((live) => {
      const attributes = { log: live.log.origin };
      return [
        gauge('treeSize', () => live.head.size, attributes),
        gauge('intakeLagEvents', () => Math.max(0, live.received - live.head.size), attributes),
        gauge('anchoredSize', async () => (await this.stores.anchors.latestConfirmed(live.log.logId))?.size ?? 0, attributes),
        gauge('oldestUnanchoredSeconds', () => this.oldestUnanchoredSeconds(live), attributes),
      ];
    });
    return () => gauges.forEach((end) => end());
  }
}

/** One step of a sequencer; a new head is news for the publisher. */
async function sequence(sequencer: Sequencer, publishing: Loop): Promise<Rest> {
  if (!(await sequencer.step())) return { ms: LIMITS.sequencePollMs, wakeable: true };
  publishing.wake();
  return { ms: 0, wakeable: true };
}

async function openUnlessForked(sequencer: Sequencer): Promise<void> {
  try {
    await sequencer.open();
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
    // Told by the sequencer, as an alarm.
  }
}
