import { DomainError } from '@countersign/kernel';
import type { ProjectionDefinition } from './definition.js';
import type { Generation, Generations } from './generations.js';
import { EventReading, type ProjectedLog } from './projected-events.js';

/** A generation after a batch, or why there was none. */
export type Batch = { readonly moved: Generation } | 'end' | 'lost';

/** Projects the log into one generation, a batch at a time. */
export class BatchProjector {
  readonly #reading: EventReading;

  constructor(
    private readonly log: ProjectedLog,
    private readonly definition: ProjectionDefinition,
    private readonly generations: Generations,
    private readonly batchRowsMax: number,
  ) {
    this.#reading = new EventReading(log, definition);
  }

  /**
   * Keys are fetched before the transaction, which holds the cursor's lock.
   *
   * @param until the first position that is to stay out
   * @returns `lost` if another process moved the generation, took it over, or ended it: nothing was written
   * @throws DomainError RECORD_ALTERED, EVENT_TYPE_UNKNOWN, UNIT_KEY_MISSING, and what `project` throws
   */
  async projectNext(generation: Generation, until?: bigint): Promise<Batch> {
    const from = generation.position;
    const end = until ?? (await this.log.size());
    if (from >= end) return 'end';
    const limit = Math.min(this.batchRowsMax, Number(end - from));
    const rows = await this.log.readLog(from, limit);
    const to = from + BigInt(rows.length);
    // The log said that it has this record.
    if (to === from) throw new DomainError('RECORD_ALTERED', { context: { position: String(from) } });
    const events = await this.#reading.read(rows, from);
    return this.log.dataSource.transaction(async (manager) => {
      if (!(await this.generations.move(manager, { generation, from, to }))) return 'lost';
      if (events.length > 0) await this.definition.project(events, { manager, generation: generation.generation });
      // Commits rows and cursor together; a crash before leaves neither.
      return { moved: { ...generation, position: to, failure: undefined } };
    });
  }
}
