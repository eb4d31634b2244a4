import { createFakeChain, type FakeChain } from '@countersign/chain';
import { silentLogger } from '@countersign/observability';
import { HeadsSequencer } from '../heads/heads-sequencer.js';
import type { TreeLog } from '../log/known-log.js';
import { LiveLog } from '../log/live-log.js';
import { Publisher, type PublisherParts } from '../publisher/publisher.js';
import { Sequencer } from '../sequencer/sequencer.js';
import { MemoryStores } from '../storage/memory-stores.js';
import { TileCache } from '../tree/tile-cache.js';
import { sampleEntries, sampleLog, type SampleLog } from './sample-log.js';

/** The core of the service on stores in memory and a chain in memory, one step at a time. */
export class AnchoringWorld {
  readonly samples: readonly SampleLog[];
  readonly stores: MemoryStores;
  readonly chain: FakeChain;
  readonly lives: readonly LiveLog[];
  readonly headsLives: readonly LiveLog<TreeLog>[];
  readonly sequencers: readonly Sequencer[];
  readonly headsSequencers: readonly HeadsSequencer[];
  readonly tiles: TileCache;
  readonly publisher: Publisher;

  private constructor(samples: readonly SampleLog[], stores: MemoryStores, chain: FakeChain, parts: Partial<PublisherParts>) {
    this.samples = samples;
    this.stores = stores;
    this.chain = chain;
    this.tiles = new TileCache(stores.trees, 64);
    this.lives = samples.map(({ log }) => new LiveLog(log));
    this.headsLives = samples.map(({ log }) => new LiveLog<TreeLog>(log.heads));
    const { leaves, trees, anchors, heads } = stores;
    const logger = silentLogger;
    this.sequencers = this.lives.map((live) => new Sequencer(live, { leaves, trees, tiles: this.tiles, logger }));
    this.headsSequencers = this.headsLives.map((live, index) => {
      const base = this.lives[index];
      if (base === undefined) throw new Error('every heads log has its log');
      return new HeadsSequencer(base, live, { leaves, trees, heads, tiles: this.tiles, logger });
    });
    this.publisher = new Publisher([...this.lives, ...this.headsLives], {
      chain,
      anchors,
      trees,
      tiles: this.tiles,
      logger,
      ...parts,
    });
  }

  static async open(logs = 3, parts: Partial<PublisherParts> = {}): Promise<AnchoringWorld> {
    const stores = new MemoryStores();
    const chain = createFakeChain({ broadcasts: stores.anchors });
    const samples = Array.from({ length: logs }, (_, logNo) => sampleLog(logNo));
    return AnchoringWorld.#ready(new AnchoringWorld(samples, stores, chain, parts));
  }

  /** The service after a crash: same stores, same chain, nothing in memory. */
  async restart(changes: { readonly stores?: MemoryStores; readonly chain?: FakeChain } = {}): Promise<AnchoringWorld> {
    return AnchoringWorld.#ready(
      new AnchoringWorld(this.samples, changes.stores ?? this.stores, changes.chain ?? this.chain, {}),
    );
  }

  static async #ready(world: AnchoringWorld): Promise<AnchoringWorld> {
    for (const sequencer of [...world.sequencers, ...world.headsSequencers]) await sequencer.open();
    return world;
  }

  /** Receives entries of one log up to a size, and puts them into its tree. */
  async grow(logNo: number, to: number): Promise<void> {
    await this.receive(logNo, to);
    while (await this.sequencers[logNo]?.step());
  }

  /** Brings the item heads of one log up to its tree. */
  async growHeads(logNo: number): Promise<void> {
    while (await this.headsSequencers[logNo]?.step());
  }

  async receive(logNo: number, to: number): Promise<void> {
    const from = await this.stores.leaves.received(logNo);
    if (to <= from) return;
    const leaves = {
      firstPosition: from,
      entries: sampleEntries(from, to),
      signature: Buffer.alloc(64),
    };
    await this.stores.leaves.receive(logNo, [leaves]);
  }

  /** Sizes of the chain's latest heads, by log number. */
  async anchored(): Promise<(number | undefined)[]> {
    const heads = await this.chain.readHeads(this.samples.map(({ log }) => log.logId));
    return this.samples.map(({ log }) => heads.get(log.key)?.size);
  }

  /** Sizes of the largest heads that are noted as confirmed, by log number. */
  async confirmed(): Promise<(number | undefined)[]> {
    return Promise.all(this.samples.map(async ({ log }) => (await this.stores.anchors.latestConfirmed(log.logId))?.size));
  }

  /** Sizes of every broadcast so far, in order. */
  get broadcasts(): number[][] {
    return this.stores.anchors.broadcasts.map(({ heads }) => heads.map(({ size }) => size));
  }
}
