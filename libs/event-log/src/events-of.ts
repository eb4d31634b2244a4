import { DomainError, type DomainEvent, type PublishedEvent, type StreamDefinition } from '@countersign/kernel';
import { CLAIM_GROUP } from '@countersign/record';
import { foldPlanOf, withoutErasable, type EventPlan, type FoldPlan } from './fold-plan.js';
import type { OpenedRow } from './log-reader.js';

/**
 * What a record says, in the events of today: one, or several where an upcaster splits an earlier version. Fields that may be erased
 * are left out. The record itself is what it was; only `requireIntact` rows may be read.
 *
 * @throws DomainError EVENT_TYPE_UNKNOWN, EVENT_FIELD_UNKNOWN naming stream, sequence, type and field: an audit system does not skip
 *   silently, and does not guess
 */
export function eventsOf<State, Event extends DomainEvent>(
  definition: StreamDefinition<State, Event>,
  opened: OpenedRow,
): readonly Event[] {
  const plan = foldPlanOf(definition);
  const { streamId, sequence, type } = opened.row;
  const context = { streamId, sequence: String(sequence), type };
  const version = plan.byType(type, context);
  const stray = strayField(version, opened);
  if (stray !== undefined) throw new DomainError('EVENT_FIELD_UNKNOWN', { context: { ...context, field: stray } });
  const data = withoutErasable(version, opened.data);
  const newest = plan.newest(type);
  const events = newest
    ? [{ type: newest.name, data }]
    : plan.upcast({ type: version.schema.type, data }).map((event) => upcasted(plan, event));
  return events as readonly DomainEvent[] as readonly Event[];
}

/** A field that the version does not have, or has in another release group. */
function strayField({ placements }: EventPlan, { header, disclosures }: OpenedRow): string | undefined {
  const strayIn = (group: string, fields: object): string | undefined =>
    Object.keys(fields).find((field) => placements.get(field) !== group);
  let stray = strayIn('public', header?.publicData ?? {});
  for (const { group, object } of disclosures) {
    // A claim's preimage belongs to the entry, not to the event.
    if (group !== CLAIM_GROUP) stray ??= strayIn(group, object);
  }
  return stray;
}

/** Upcasters are code: what they make has to fit today's schema like what a decider makes. */
function upcasted(plan: FoldPlan, { type, data }: PublishedEvent): DomainEvent {
  const { category } = plan;
  const newest = plan.newest(type);
  if (!newest) throw new DomainError('INTERNAL', { rule: 'upcasters lead to the newest version', context: { category, type } });
  const stray = Object.keys(data).find((field) => !newest.placements.has(field));
  if (stray !== undefined)
    throw new DomainError('INTERNAL', { rule: 'upcasters make no unknown field', context: { category, type, field: stray } });
  return { type: newest.name, data: withoutErasable(newest, data) };
}
