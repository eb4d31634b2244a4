import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import { PROJECTION_LIMITS, type ProjectionLimits } from '../config.js';
import { BatchProjector } from './batch-projector.js';
import { closeSnapshot, compareGenerations, openSnapshot, type Comparison } from './comparison.js';
import type { ProjectionDefinition } from './definition.js';
import { Generations, type Generation } from './generations.js';
import type { ProjectedLog } from './projected-events.js';
import { ProjectionRunner } from './projection-runner.js';

/**
 * `following`: as it should be. `building`: there is nothing to read yet. `rebuilding`, `comparing`: another generation is made
 * beside. `stopped`: the last attempt failed, see `failure`; it is tried again. `superseded`: a newer build's generation is live.
 */
export type ProjectionState = 'following' | 'building' | 'rebuilding' | 'comparing' | 'stopped' | 'superseded';

/** How a read model is, as all processes of the service see it. */
export interface ProjectionStatus {
  readonly name: string;
  /** Of this build. */
  readonly version: number;
  /** Of what queries read; undefined while there is nothing to read. */
  readonly liveVersion: number | undefined;
  /** Number of records that queries see the effect of. */
  readonly position: bigint;
  /** Number of records of the log. */
  readonly head: bigint;
  readonly state: ProjectionState;
  /** Code of the failure that stops it. */
  readonly failure: string | undefined;
  /** What is made beside, if anything. */
  readonly beside: { readonly state: 'building' | 'comparing'; readonly version: number; readonly position: bigint } | undefined;
}

/** How far something has come that goes through the whole log. */
export interface Progress {
  /** Records taken in. */
  readonly done: bigint;
  /** Records to take in; grows with the log. */
  readonly total: bigint;
  readonly eventsPerSecond: number;
  /** Code of the failure of the last attempt; it is tried again. */
  readonly failure?: string;
}

export interface RebuildStep extends Progress {
  readonly phase: 'building' | 'switched';
  /** True if the rebuild was under way when it was asked for. */
  readonly joined: boolean;
}

export type CompareStep =
  (Progress & { readonly phase: 'building' | 'comparing' }) | { readonly phase: 'compared'; readonly comparison: Comparison };

/** The read models of a service. */
export interface Projections {
  list(): Promise<readonly ProjectionStatus[]>;
  /**
   * Asks for a rebuild, or joins the one under way, and tells how it goes; the last step is `switched`. It goes on, in any process of
   * the service, also when nobody listens any more.
   *
   * @throws DomainError PROJECTION_UNKNOWN, PROJECTION_BUSY (it is being compared), PROJECTION_GIVEN_UP (the building was dropped)
   */
  rebuild(name: string, signal?: AbortSignal): AsyncGenerator<RebuildStep>;
  /**
   * Builds the read model beside from the log and compares it row by row with the live one at the same position; the last step is
   * `compared`. Changes nothing. Ends when the listener leaves.
   *
   * @throws DomainError PROJECTION_UNKNOWN, PROJECTION_BUSY, PROJECTION_NOT_BUILT (nothing of this version is live), RECORD_ALTERED,
   * EVENT_TYPE_UNKNOWN, UNIT_KEY_MISSING
   */
  compare(name: string, signal?: AbortSignal): AsyncGenerator<CompareStep>;
  /** Ends what `rebuild` and `compare` tell; the rebuild itself goes on. */
  endCalls(): void;
  /** Ends after the batches under way. Before the log is closed. */
  stop(): Promise<void>;
}

export interface ProjectionsOptions {
  readonly log: ProjectedLog;
  readonly definitions: readonly ProjectionDefinition[];
  readonly limits?: Partial<ProjectionLimits>;
  /** A batch that failed; it is tried again. */
  readonly onFailure?: (name: string, error: unknown) => void;
}

/** Starts to keep the read models up with the log, and builds those that are missing or of an earlier version. */
export function startProjections(options: ProjectionsOptions): Projections {
  return new RunningProjections(options);
}

interface Kept {
  readonly definition: ProjectionDefinition;
  readonly generations: Generations;
  readonly runner: ProjectionRunner;
}

class RunningProjections implements Projections {
  readonly #kept: ReadonlyMap<string, Kept>;
  readonly #limits: ProjectionLimits;
  readonly #log: ProjectedLog;
  readonly #calls = new AbortController();

  constructor({ log, definitions, limits, onFailure }: ProjectionsOptions) {
    this.#log = log;
    this.#limits = { ...PROJECTION_LIMITS, ...limits };
    const holder = randomUUID();
    this.#kept = new Map(
      definitions.map((definition) => {
        const { name } = definition;
        const generations = new Generations(log.dataSource, { name, holder, leaseMs: this.#limits.leaseMs });
        const parts = { log, definition, generations, limits: this.#limits };
        return [
          name,
          { definition, generations, runner: new ProjectionRunner({ ...parts, onFailure: (error) => onFailure?.(name, error) }) },
        ];
      }),
    );
  }

  async list(): Promise<readonly ProjectionStatus[]> {
    const head = await this.#log.size();
    return Promise.all(
      [...this.#kept.values()].map(async ({ definition, generations }) => statusOf(definition, head, await generations.all())),
    );
  }

  async *rebuild(name: string, signal?: AbortSignal): AsyncGenerator<RebuildStep> {
    const { definition, generations, runner } = this.#find(name);
    const begun = await generations.begin('building', definition.version);
    const building = begun ?? (await generations.all()).find(({ state }) => state === 'building');
    if (building === undefined) throw new DomainError('PROJECTION_BUSY');
    runner.wake();
    const pace = new Pace(building.position);
    for (;;) {
      const generation = (await generations.all()).find((each) => each.generation === building.generation);
      if (generation === undefined || generation.state === 'dropping') throw new DomainError('PROJECTION_GIVEN_UP');
      const { position: done, failure, state } = generation;
      const total = await this.#log.size();
      const phase = state === 'live' ? 'switched' : 'building';
      yield { phase, joined: begun === undefined, ...pace.progress(done, total), ...(failure !== undefined && { failure }) };
      if (phase === 'switched') return;
      await this.#pause(signal);
    }
  }

  async *compare(name: string, signal?: AbortSignal): AsyncGenerator<CompareStep> {
    const { definition, generations, runner } = this.#find(name);
    if ((await generations.live())?.version !== definition.version) throw new DomainError('PROJECTION_NOT_BUILT');
    const begun = await generations.begin('comparing', definition.version);
    if (begun === undefined) throw new DomainError('PROJECTION_BUSY');
    try {
      const projector = new BatchProjector(this.#log, definition, generations, this.#limits.batchRowsMax);
      const pace = new Pace(0n);
      let beside = begun;
      for (;;) {
        this.#requireWanted(signal);
        const total = (await generations.live())?.position ?? 0n;
        yield { phase: 'building', ...pace.progress(beside.position, total) };
        if (total - beside.position <= BigInt(this.#limits.batchRowsMax)) break;
        beside = await projected(projector, beside, total);
      }
      yield { phase: 'comparing', ...pace.progress(beside.position, beside.position) };
      yield { phase: 'compared', comparison: await this.#compareHeld(definition, generations, projector, beside) };
    } finally {
      const last = (await generations.all()).find(({ generation }) => generation === begun.generation);
      if (last !== undefined) await generations.retire(last);
      runner.wake();
    }
  }

  endCalls(): void {
    this.#calls.abort();
  }

  async stop(): Promise<void> {
    this.endCalls();
    await Promise.all([...this.#kept.values()].map(({ runner }) => runner.stop()));
  }

  /** The live generation is held only until both are at one position and a snapshot of that moment is there. */
  async #compareHeld(
    definition: ProjectionDefinition,
    generations: Generations,
    projector: BatchProjector,
    begun: Generation,
  ): Promise<Comparison> {
    const { dataSource } = this.#log;
    let beside = begun;
    const { live, snapshot } = await dataSource.transaction(async (manager) => {
      const held = await generations.lockLive(manager);
      if (held === undefined) throw new DomainError('PROJECTION_NOT_BUILT');
      while (beside.position < held.position) beside = await projected(projector, beside, held.position);
      return { live: held, snapshot: await openSnapshot(dataSource) };
    });
    try {
      return await compareGenerations(snapshot, definition, live, beside);
    } finally {
      await closeSnapshot(snapshot);
    }
  }

  #find(name: string): Kept {
    const kept = this.#kept.get(name);
    if (kept === undefined) throw new DomainError('PROJECTION_UNKNOWN', { field: 'name' });
    return kept;
  }

  async #pause(signal: AbortSignal | undefined): Promise<void> {
    const wanted = signal === undefined ? this.#calls.signal : AbortSignal.any([signal, this.#calls.signal]);
    await sleep(this.#limits.progressMs, undefined, { signal: wanted }).catch(() => undefined); // Rejects when it is aborted only.
    this.#requireWanted(signal);
  }

  #requireWanted(signal: AbortSignal | undefined): void {
    if (this.#calls.signal.aborted || signal?.aborted === true) throw new DomainError('SERVICE_STOPPING');
  }
}

/** @throws DomainError PROJECTION_BUSY if somebody else ended the generation: it was not moved in time */
async function projected(projector: BatchProjector, generation: Generation, until: bigint): Promise<Generation> {
  const batch = await projector.projectNext(generation, until);
  if (batch === 'lost' || batch === 'end') throw new DomainError('PROJECTION_BUSY');
  return batch.moved;
}

/** Events a second since the first look. */
class Pace {
  readonly #startedAt = performance.now();

  constructor(private readonly from: bigint) {}

  progress(done: bigint, total: bigint): Progress {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const eventsPerSecond = seconds > 0 ? Math.round(Number(done - this.from) / seconds) : 0;
    return { done, total: total > done ? total : done, eventsPerSecond };
  }
}

function statusOf({ name, version }: ProjectionDefinition, head: bigint, all: readonly Generation[]): ProjectionStatus {
  const live = all.find(({ state }) => state === 'live');
  const beside = all.find(({ state }) => state === 'building' || state === 'comparing');
  const failure = live?.failure ?? beside?.failure;
  return {
    name,
    version,
    liveVersion: live?.version,
    position: live?.position ?? 0n,
    head,
    state: stateOf(version, live, beside, failure),
    failure,
    beside: beside && {
      state: beside.state === 'comparing' ? 'comparing' : 'building',
      version: beside.version,
      position: beside.position,
    },
  };
}

function stateOf(
  version: number,
  live: Generation | undefined,
  beside: Generation | undefined,
  failure: string | undefined,
): ProjectionState {
  if (failure !== undefined) return 'stopped';
  if (beside?.state === 'comparing') return 'comparing';
  if (live === undefined) return 'building';
  if (beside !== undefined || live.version < version) return 'rebuilding';
  return live.version > version ? 'superseded' : 'following';
}
