import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import type { ProjectionLimits } from '../config.js';
import { BatchProjector } from './batch-projector.js';
import type { ProjectionDefinition } from './definition.js';
import type { Generation, Generations } from './generations.js';
import type { ProjectedLog } from './projected-events.js';
import { RetriedLoop } from './retried-loop.js';
import { deleteGeneration } from './stored-rows.js';

export interface RunnerParts {
  readonly log: ProjectedLog;
  readonly definition: ProjectionDefinition;
  readonly generations: Generations;
  readonly limits: ProjectionLimits;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps one read model: follows the log into the live generation, builds another one beside it when one is asked for or the version
 * was raised, switches, and deletes what is no longer read. Every process of the service runs one; they take turns at the live
 * generation's row, and one of them holds the lease of a building.
 */
export class ProjectionRunner {
  readonly #projector: BatchProjector;
  readonly #following: RetriedLoop;
  readonly #upkeep: RetriedLoop;
  readonly #unsubscribe: () => void;

  constructor(private readonly parts: RunnerParts) {
    const { log, definition, generations, limits } = parts;
    this.#projector = new BatchProjector(log, definition, generations, limits.batchRowsMax);
    const onFailure = (error: unknown): void => parts.onFailure(error);
    this.#following = new RetriedLoop({ round: (stopped) => this.#follow(stopped), limits, onFailure });
    this.#upkeep = new RetriedLoop({ round: (stopped) => this.#maintain(stopped), limits, onFailure });
    this.#unsubscribe = log.onAppended(() => this.#following.wake());
  }

  /** Looks for work at once. */
  wake(): void {
    this.#upkeep.wake();
    this.#following.wake();
  }

  /** Ends after the batches under way. A building goes on in another process, or at the next start, where it stands. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([this.#following.stop(), this.#upkeep.stop()]);
  }

  /** A live generation of another version is another build's to follow: this one does not know how. */
  async #follow(stopped: () => boolean): Promise<number> {
    const { generations, definition, limits } = this.parts;
    let live = await generations.live();
    while (!stopped() && live?.version === definition.version) {
      const batch = await this.#projectNext(live);
      if (batch === 'end') break;
      const rows = batch === 'lost' ? 0n : batch.moved.position - live.position;
      live = batch === 'lost' ? await generations.live() : batch.moved;
      if (rows > 0n && rows < BigInt(limits.batchRowsMax)) await sleep(limits.batchPauseMs);
    }
    return limits.pollMs;
  }

  async #maintain(stopped: () => boolean): Promise<number> {
    const { generations, definition, limits } = this.parts;
    const all = await generations.all();
    for (const generation of all.filter(({ state }) => state === 'dropping')) await this.#drop(generation);
    const live = all.find(({ state }) => state === 'live');
    const beside = all.find(({ state }) => state === 'building' || state === 'comparing');
    if (beside !== undefined) await this.#takeUp(beside, stopped);
    else if (live === undefined || live.version < definition.version) {
      await generations.begin('building', definition.version);
      this.#upkeep.wake();
    }
    return Math.min(limits.pollMs, limits.leaseMs / 3);
  }

  /** What somebody left behind: a comparison is worth nothing without the caller, a building goes on. */
  async #takeUp(beside: Generation, stopped: () => boolean): Promise<void> {
    const { generations, definition } = this.parts;
    if (beside.taken) return;
    if (beside.state === 'comparing' || beside.version < definition.version) {
      await generations.retire(beside);
      this.#upkeep.wake();
    } else if (beside.version === definition.version) {
      const claimed = await generations.claim(beside);
      if (claimed !== undefined) await this.#build(claimed, stopped);
    }
  }

  async #build(claimed: Generation, stopped: () => boolean): Promise<void> {
    const { generations, log, limits } = this.parts;
    let building = claimed;
    for (;;) {
      if (stopped()) return generations.release(building);
      const batch = await this.#projectNext(building);
      if (batch === 'lost') return;
      if (batch !== 'end') building = batch.moved;
      if ((await log.size()) - building.position > BigInt(limits.batchRowsMax)) continue;
      building = await this.#switchTo(building);
      if (building.state === 'live') return this.wake();
    }
  }

  /**
   * Makes a building the live generation. The live one is held meanwhile, so that queries never go back in the log; readers are not.
   * Gives it back still building if the live one is too far ahead to hold it that long.
   */
  async #switchTo(building: Generation): Promise<Generation> {
    const { generations, log, limits } = this.parts;
    return log.dataSource.transaction(async (manager) => {
      const live = await generations.lockLive(manager);
      const target = live?.position ?? 0n;
      let built = building;
      for (let batches = 0; built.position < target; batches += 1) {
        if (batches === limits.heldBatchesMax) return built;
        const batch = await this.#projectNext(built, target);
        if (batch === 'lost' || batch === 'end') throw fenced();
        built = batch.moved;
      }
      if (live !== undefined) await generations.changeState(manager, live, 'dropping');
      if (!(await generations.changeState(manager, built, 'live'))) throw fenced();
      // The commit is the switch. A crash before it leaves the old generation live and the building where it stands.
      return { ...built, state: 'live' };
    });
  }

  async #projectNext(generation: Generation, until?: bigint): ReturnType<BatchProjector['projectNext']> {
    try {
      return await this.#projector.projectNext(generation, until);
    } catch (error) {
      const code = error instanceof DomainError ? error.code : 'INTERNAL';
      // For whoever asks how the read model is; the failure itself goes on its way.
      await this.parts.generations.fail(generation, code).catch(() => undefined);
      throw error;
    }
  }

  async #drop(generation: Generation): Promise<void> {
    const { log, definition, generations, limits } = this.parts;
    await deleteGeneration(log.dataSource, definition.tables, generation.generation, limits.droppedRowsMax);
    await generations.forget(generation);
  }
}

function fenced(): DomainError {
  return new DomainError('VERSION_CONFLICT', { rule: 'another process builds this read model' });
}
