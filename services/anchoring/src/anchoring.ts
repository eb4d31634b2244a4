import type { Broadcasts, Chain } from '@countersign/chain';
import type { EventBus } from '@countersign/kafka';
import { DomainError } from '@countersign/kernel';
import { gauge, type Logger } from '@countersign/observability';
import { parseHeadsEntry } from '@countersign/record';
import { LIMITS } from './config.js';
import { LeavesIntake } from './intake/leaves-intake.js';
import { HeadsSequencer } from './heads/heads-sequencer.js';
import { ItemEvidenceBuilder, type LogWithHeads } from './heads/item-evidence.js';
import { consumeLeaves } from './intake/leaves.consumer.js';
import type { KnownLog, TreeLog } from './log/known-log.js';
import { LiveLog } from './log/live-log.js';
import { ProofBuilder } from './proofs/proof-builder.js';
import { Publisher } from './publisher/publisher.js';
import { startLoop, type Loop, type Rest } from './run-loop.js';
import { Sequencer } from './sequencer/sequencer.js';
import type { HeadsStore } from './storage/heads-store.js';
import type { AnchorStore, LeafStore, TreeStore } from './storage/stores.js';
import { TileCache } from './tree/tile-cache.js';

export interface AnchoringStores {
  readonly leaves: LeafStore;
  readonly trees: TreeStore;
  readonly anchors: AnchorStore;
  readonly heads: HeadsStore;
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
  /** Their heads logs, in the same order. */
  readonly headsLives: readonly LiveLog<TreeLog>[];
  readonly proofs: ProofBuilder;
  readonly itemEvidence: ItemEvidenceBuilder;
  readonly #tiles: TileCache;
  readonly #sequencers: readonly Sequencer[];
  readonly #headsSequencers: readonly HeadsSequencer[];

  private constructor(
    logs: readonly KnownLog[],
    readonly stores: AnchoringStores,
    private readonly logger: Logger,
  ) {
    this.#tiles = new TileCache(stores.trees, LIMITS.tilesCachedMax);
    this.lives = logs.map((log) => new LiveLog(log));
    this.#sequencers = this.lives.map((live) => new Sequencer(live, { ...stores, tiles: this.#tiles, logger }));
    const leaves = { entriesAt: (logNo: number, positions: readonly number[]) => this.#entriesAt(logNo, positions) };
    this.proofs = new ProofBuilder({ ...stores, leaves, tiles: this.#tiles, logger });
    this.headsLives = logs.map(({ heads }) => new LiveLog<TreeLog>(heads));
    const parts = { ...stores, tiles: this.#tiles, logger };
    this.#headsSequencers = this.pairs().map(({ base, heads }) => new HeadsSequencer(base, heads, parts));
    this.itemEvidence = new ItemEvidenceBuilder(parts);
  }

  /**
   * Reads the heads that are durable. A log whose tree is not what was signed is left alone, with an alarm; the others go on.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE
   */
  static async open(logs: readonly KnownLog[], stores: AnchoringStores, logger: Logger): Promise<Anchoring> {
    const anchoring = new Anchoring(logs, stores, logger);
    for (const sequencer of [...anchoring.#sequencers, ...anchoring.#headsSequencers]) await openUnlessForked(sequencer);
    for (const live of anchoring.lives) live.received = await stores.leaves.received(live.log.logNo);
    return anchoring;
  }

  /** The tree of that log id, also of a heads log. @throws DomainError NOT_FOUND */
  live(logId: Uint8Array): LiveLog<TreeLog> {
    const live = [...this.lives, ...this.headsLives].find(({ log }) => log.logId.equals(logId));
    if (live === undefined) throw new DomainError('NOT_FOUND');
    return live;
  }

  /** The log of that id, with its item heads. @throws DomainError NOT_FOUND */
  withHeads(logId: Uint8Array): LogWithHeads {
    const pair = this.pairs().find(({ base }) => base.log.logId.equals(logId));
    if (pair === undefined) throw new DomainError('NOT_FOUND');
    return pair;
  }

  /** Every log with its item heads. */
  pairs(): readonly LogWithHeads[] {
    return this.lives.flatMap((base, index) => {
      const heads = this.headsLives[index];
      return heads === undefined ? [] : [{ base, heads }];
    });
  }

  /** Entries of a log or of a heads log. @throws DomainError as the stores */
  readEntries({ log }: LiveLog<TreeLog>, from: number, to: number): Promise<readonly Buffer[]> {
    const { heads, leaves } = this.stores;
    return this.#isOfHeads(log.logNo) ? heads.entries(log.logNo, from, to) : leaves.readEntries(log.logNo, from, to);
  }

  async #entriesAt(logNo: number, positions: readonly number[]): Promise<readonly Buffer[]> {
    const { heads, leaves } = this.stores;
    if (!this.#isOfHeads(logNo)) return leaves.entriesAt(logNo, positions);
    return (await Promise.all(positions.map((position) => heads.entries(logNo, position, position + 1)))).flat();
  }

  #isOfHeads(logNo: number): boolean {
    return this.headsLives.some(({ log }) => log.logNo === logNo);
  }

  /** Size of the base checkpoint that the newest heads entry is about. */
  async headedSize({ head, log }: LiveLog<TreeLog>): Promise<number> {
    if (head.size === 0) return 0;
    const [entry = Buffer.alloc(0)] = await this.stores.heads.entries(log.logNo, head.size - 1, head.size);
    return Number(parseHeadsEntry(entry).baseSize);
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
    const publisher = new Publisher([...this.lives, ...this.headsLives], {
      chain,
      ...stores,
      tiles: this.#tiles,
      logger,
      commitIntervalMs,
      heartbeatMs,
    });
    const publishing = startLoop('publisher', () => publisher.step(), logger);
    const heading = this.#headsSequencers.map((sequencer) =>
      startLoop('heads-sequencer', () => sequenceHeads(sequencer, publishing), logger),
    );
    const sequencing = new Map(
      this.#sequencers.map((sequencer, index) => [
        this.lives[index],
        startLoop('sequencer', () => sequence(sequencer, publishing, heading[index]), logger),
      ]),
    );
    const intake = new LeavesIntake({ leaves: stores.leaves, logger, onStored: (live) => sequencing.get(live)?.wake() });
    const receiving = this.#receive(intake, options);
    const endGauges = this.#measure();
    return async () => {
      endGauges();
      await receiving();
      await Promise.all([...sequencing.values(), ...heading].map((loop) => loop.stop()));
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
    const headsGauges = this.pairs().map(({ base, heads }) =>
      gauge('headsLagEvents', async () => base.head.size - (await this.headedSize(heads)), { log: base.log.origin }),
    );
    return () => [...gauges, ...headsGauges].forEach((end) => end());
  }
}

/** One step of a sequencer; a new head is news for the publisher and for the item heads. */
async function sequence(sequencer: Sequencer, publishing: Loop, heading: Loop | undefined): Promise<Rest> {
  if (!(await sequencer.step())) return { ms: LIMITS.sequencePollMs, wakeable: true };
  publishing.wake();
  heading?.wake();
  return { ms: 0, wakeable: true };
}

/** One step of a sequencer of item heads, at most one in an interval. */
async function sequenceHeads(sequencer: HeadsSequencer, publishing: Loop): Promise<Rest> {
  if (!(await sequencer.step())) return { ms: LIMITS.headsPollMs, wakeable: true };
  publishing.wake();
  return { ms: LIMITS.headsIntervalMs, wakeable: false };
}

async function openUnlessForked(sequencer: Sequencer | HeadsSequencer): Promise<void> {
  try {
    await sequencer.open();
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
    // Told by the sequencer, as an alarm.
  }
}
