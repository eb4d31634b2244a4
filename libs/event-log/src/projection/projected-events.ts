import { DomainError, isPersonalGroup, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
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
    if (own.length === 0) return [];
    const keys = await this.#keysOf(new Set(own.map(({ streamId }) => streamId)));
    const opened = await this.log.openRows(own, (keyId) => keys.get(keyId) === 'seen');
    return opened.map(requireIntact).flatMap((row) => {
      requireKeys(row, keys);
      return this.#eventsOf(row);
    });
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

  /** Every unit key of these streams by hex id: whether this read model sees its group. */
  async #keysOf(streamIds: ReadonlySet<string>): Promise<ReadonlyMap<string, 'seen' | 'unseen'>> {
    const keys = [...streamIds].map((streamId) => ({ streamId, fromSequence: NO_SEQUENCE }));
    const found = await lookUpStreams(poolOf(this.log.dataSource), keys);
    return new Map(
      found.flatMap(({ unitKeyIds }, index) => {
        const { erasableGroups } = foldPlanOf(this.#definitionOf(keys[index]?.streamId ?? ''));
        return [...unitKeyIds].map(([group, keyId]) => {
          const sees = this.#groups.has(group) && !erasableGroups.has(group);
          return [Buffer.from(keyId).toString('hex'), sees ? 'seen' : 'unseen'] as const;
        });
      }),
    );
  }

  #definitionOf(streamId: string): StreamDefinition<unknown, DomainEvent> {
    const definition = this.#streams.get(categoryOf(streamId));
    if (!definition) throw new DomainError('INTERNAL', { rule: 'a record of a category that is read' });
    return definition;
  }
}

/** A value that is withheld would change the rows silently, unless this read model never sees its group. */
function requireKeys({ row, withheld }: IntactRow, keys: ReadonlyMap<string, 'seen' | 'unseen'>): void {
  const missing = withheld.find(({ keyId }) => keys.get(keyId) !== 'unseen');
  if (missing === undefined) return;
  const { streamId, sequence } = row;
  throw new DomainError('UNIT_KEY_MISSING', { context: { streamId, sequence: String(sequence), keyId: missing.keyId } });
}

function categoryOf(streamId: string): string {
  return streamId.slice(0, streamId.indexOf('/'));
}

function gap(position: bigint): DomainError {
  return new DomainError('RECORD_ALTERED', { context: { position: String(position) } });
}
