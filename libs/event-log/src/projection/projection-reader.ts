import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';
import { PROJECTION_LIMITS } from '../config.js';
import type { GenerationScope } from './definition.js';

/** An answer and how much of the log it takes in. */
export interface ProjectionAnswer<Result> {
  readonly result: Result;
  /** Number of records: positions 0 to `asOf - 1`. */
  readonly asOf: bigint;
}

export interface ReadingTerms {
  /** Position of a record that the answer must take in, e.g. of the caller's last command. */
  readonly atLeastPosition?: bigint;
  /** How long to wait for it, in ms. Default 5,000. */
  readonly waitMs?: number;
}

/** Queries of one read model. */
export interface ProjectionReader {
  /**
   * Runs a query on the live generation in one snapshot: what it finds is of one position of the log, also while the read model is
   * being rebuilt or switched.
   *
   * @throws DomainError PROJECTION_BEHIND (the position is not reached in time), PROJECTION_NOT_BUILT (there is nothing to read yet)
   */
  read<Result>(terms: ReadingTerms, query: (scope: GenerationScope) => Promise<Result>): Promise<ProjectionAnswer<Result>>;
}

const LIVE = `SELECT generation, "position" FROM event_log.projection WHERE name = $1 AND state = 'live'`;

interface LiveRow {
  readonly generation: number;
  readonly position: string;
}

/** @param name of the projection */
export function createProjectionReader(dataSource: DataSource, name: string): ProjectionReader {
  return {
    read: async ({ atLeastPosition, waitMs = PROJECTION_LIMITS.reachMs }, query) => {
      if (atLeastPosition !== undefined) await untilReached(dataSource, name, atLeastPosition, waitMs);
      return dataSource.transaction('REPEATABLE READ', async (manager) => {
        const [live] = (await manager.query(LIVE, [name])) as readonly LiveRow[];
        if (live === undefined) throw new DomainError('PROJECTION_NOT_BUILT');
        return { asOf: BigInt(live.position), result: await query({ manager, generation: live.generation }) };
      });
    },
  };
}

async function untilReached(dataSource: DataSource, name: string, position: bigint, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const [live]: readonly LiveRow[] = await dataSource.query(LIVE, [name]);
    if (live !== undefined && BigInt(live.position) > position) return;
    if (performance.now() > deadline) throw new DomainError('PROJECTION_BEHIND', { field: 'at_least_position' });
    await sleep(PROJECTION_LIMITS.reachPollMs);
  }
}
