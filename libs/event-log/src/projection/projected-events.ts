import { setImmediate as turn } from 'node:timers/promises';
import { DomainError, isPersonalGroup, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { PROJECTION_LIMITS } from '../config.js';
import type { EventLog } from '../event-log.js';
import { eventsOf } from '../events-of.js';
import { foldPlanOf } from '../fold-plan.js';
import type { LogRow } from '../log-reader.js';
import { poolOf } from '../postgres/connections.js';
import { lookUpStreams } from '../postgres/stream-lookup.js';
import { requireIntact, type IntactRow } from '../row-opening.js';
import type { ProjectedEvent, ProjectionDefinition } from './definition.js';

/** The log as far as a projection follows it. */
export type ProjectedLog = Pick<EventLog, 'dataSource' | 'size' | 'readLog' | 'openRows' | 'onAppended'>;

const NO_SEQUENCE = BigInt(Number.MAX_SAFE_INTEGER);

/** Turns stored rows into what one read model may see of them. */
export class EventReading {
  readonly #streams: ReadonlyMap<string, StreamDefinition<unknown, DomainEvent>>;
  readonly #groups: ReadonlySet<string>;
  readonly #passes: ReadonlySet<string>;

  constructor(
    private readonly log: ProjectedLog,
    { streams, groups, passes = [] }: Pick<ProjectionDefinition, 'streams' | 'groups' | 'passes'>,
  ) {
    this.#streams = new Map(streams.map((stream) => [stream.category, stream as StreamDefinition<unknown, DomainEvent>]));
    this.#groups = new Set(groups.filter((group) => !isPersonalGroup(group)));
    this.#passes = new Set(passes);
  }

  /**
   * @param from position at which the rows begin: a record that is gone is never skipped
   * @throws DomainError RECORD_ALTERED, EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN, UNIT_KEY_MISSING
   */
  async read(rows: readonly LogRow[], from: bigint): Promise<readonly ProjectedEvent[]> {
    rows.forEach((row, index) => {
      if (row.position !== from + BigInt(index)) throw gap(from + BigInt(index));
    });
    const own = rows.filter((row) => this.#streams.has(categoryOf(row.streamId)) && !this.#passes.has(row.type));
    const events: ProjectedEvent[] = [];
    for (let at = 0; at < own.length; at += PROJECTION_LIMITS.openedAtOnce) {
      if (at > 0) await turn(); // Opening is work of the processor: commands of the same process have to get in between.
      const opened = await this.log.openRows(own.slice(at, at + PROJECTION_LIMITS.openedAtOnce));
      const intact = opened.map(requireIntact);
      await this.#requireKeys(intact);
      events.push(...intact.flatMap((row) => this.#eventsOf(row)));
    }
    return events;
  }

  /** In today's events; fields of groups that this read model does not list are left out before anything else sees them. */
  #eventsOf(row: IntactRow): readonly ProjectedEvent[] {
    const { position, streamId, type } = row.row;
    const definition = this.#definitionOf(streamId);
    const { placements } = foldPlanOf(definition).byType(type, { streamId, position: String(position) });
    const data = Object.fromEntries(Object.entries(row.data).filter(([field]) => this.#isSeen(placements.get(field))));
    const key = streamId.slice(streamId.indexOf('/') + 1);
    return eventsOf(definition, { ...row, data }).map((event) => ({ position, streamId, key, event }));
  }

  #isSeen(placement: string | undefined): boolean {
    return placement !== undefined && (placement === 'public' || this.#groups.has(placement));
  }

  /** A value that is withheld would change the rows silently, unless this read model never sees its group. */
  async #requireKeys(rows: readonly IntactRow[]): Promise<void> {
    const withheld = rows.filter((row) => row.withheld.length > 0);
    if (withheld.length === 0) return;
    const keys = withheld.map(({ row: { streamId } }) => ({ streamId, fromSequence: NO_SEQUENCE }));
    const streams = await lookUpStreams(poolOf(this.log.dataSource), keys);
    for (const [index, { row, withheld: missing }] of withheld.entries()) {
      const { streamId, sequence } = row;
      const { erasableGroups } = foldPlanOf(this.#definitionOf(streamId));
      const groups = new Map(
        [...(streams[index]?.unitKeyIds ?? [])].map(([group, id]) => [Buffer.from(id).toString('hex'), group]),
      );
      for (const { keyId } of missing) {
        const group = groups.get(keyId);
        if (group === undefined || (this.#groups.has(group) && !erasableGroups.has(group)))
          throw new DomainError('UNIT_KEY_MISSING', { context: { streamId, sequence: String(sequence), keyId } });
      }
    }
  }

  #definitionOf(streamId: string): StreamDefinition<unknown, DomainEvent> {
    const definition = this.#streams.get(categoryOf(streamId));
    if (!definition) throw new DomainError('INTERNAL', { rule: 'a record of a category that is read' });
    return definition;
  }
}

function categoryOf(streamId: string): string {
  return streamId.slice(0, streamId.indexOf('/'));
}

function gap(position: bigint): DomainError {
  return new DomainError('RECORD_ALTERED', { context: { position: String(position) } });
}
