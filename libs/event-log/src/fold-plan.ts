import {
  DomainError,
  upcastingBy,
  type DomainEvent,
  type EventSchema,
  type JsonObject,
  type StreamDefinition,
  type Upcasting,
} from '@countersign/kernel';

/** One version of one event type, prepared for folding and sealing. */
export interface EventPlan {
  /** Short name, as the domain speaks of it; of an earlier version, its type. */
  readonly name: string;
  readonly schema: EventSchema;
  /** Where each field stands: its release group, or `public`. */
  readonly placements: ReadonlyMap<string, string>;
  /** Fields that folding never sees, because they may be erased. */
  readonly erasableFields: readonly string[];
}

/** How the events of one stream definition are told apart. */
export interface FoldPlan {
  readonly category: string;
  /** Groups whose disclosures are never opened for folding: they may be erased. */
  readonly erasableGroups: ReadonlySet<string>;
  /** The version that is written. @throws DomainError INTERNAL for an event its own definition does not list: a programming error. */
  byName(name: string): EventPlan;
  /**
   * The version that a record is of.
   * @param context names the record
   * @throws DomainError EVENT_TYPE_UNKNOWN: an audit system does not skip silently
   */
  byType(type: string, context?: Readonly<Record<string, string>>): EventPlan;
  /** The newest version, for a type that is one. */
  newest(type: string): EventPlan | undefined;
  readonly upcast: Upcasting;
}

const plans = new WeakMap<object, FoldPlan>();

/**
 * The plan of a definition, made once.
 *
 * @throws DomainError INTERNAL for a definition with two versions of one type: a programming error
 */
export function foldPlanOf<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>): FoldPlan {
  const known = plans.get(definition);
  if (known) return known;
  const plan = makePlan(definition);
  plans.set(definition, plan);
  return plan;
}

/** The data that folding may see; a copy only where something has to go. */
export function withoutErasable(plan: EventPlan, data: JsonObject): JsonObject {
  if (plan.erasableFields.length === 0) return data;
  const kept = Object.entries(data).filter(([field]) => !plan.erasableFields.includes(field));
  return Object.fromEntries(kept);
}

/** The release groups that stand in some data, in the order of the schema. */
export function groupsIn(schema: EventSchema, data: JsonObject): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const [field, placement] of Object.entries(schema.fields)) {
    if (placement !== 'public' && data[field] !== undefined) groups.add(placement.group);
  }
  return groups;
}

function makePlan<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>): FoldPlan {
  const { category, schemas, upcasters = [] } = definition;
  const earlier = upcasters.map(({ schema }) => schema);
  // A group is erasable in every version as soon as it is in one: one key serves it.
  const erasableGroups = new Set([...Object.values<EventSchema>(schemas), ...earlier].flatMap(erasableGroupsOf));
  const events = Object.entries<EventSchema>(schemas).map(([name, schema]) => planOf(name, schema, erasableGroups));
  const byName = new Map(events.map((plan) => [plan.name, plan]));
  const newest = new Map(events.map((plan) => [plan.schema.type as string, plan]));
  const all = [...events, ...earlier.map((schema) => planOf(schema.type, schema, erasableGroups))];
  const byType = new Map(all.map((plan) => [plan.schema.type as string, plan]));
  if (byType.size !== all.length) throw new DomainError('INTERNAL', { rule: 'one schema an event type', context: { category } });
  return {
    category,
    erasableGroups,
    byName: (name) => {
      const plan = byName.get(name);
      if (!plan) throw new DomainError('INTERNAL', { context: { category, type: name } });
      return plan;
    },
    byType: (type, context) => {
      const plan = byType.get(type);
      if (!plan) throw new DomainError('EVENT_TYPE_UNKNOWN', { context: { category, type, ...context } });
      return plan;
    },
    newest: (type) => newest.get(type),
    upcast: upcastingBy(upcasters),
  };
}

function erasableGroupsOf(schema: EventSchema): string[] {
  return Object.values(schema.fields).flatMap((placement) =>
    placement !== 'public' && placement.erasable ? [placement.group] : [],
  );
}

/** One key serves a whole group, so a group is erasable as soon as one of its fields is. */
function planOf(name: string, schema: EventSchema, erasableGroups: ReadonlySet<string>): EventPlan {
  const placements = new Map(
    Object.entries(schema.fields).map(([field, placement]) => [field, placement === 'public' ? placement : placement.group]),
  );
  const erasableFields = [...placements].filter(([, group]) => erasableGroups.has(group)).map(([field]) => field);
  return { name, schema, placements, erasableFields };
}
