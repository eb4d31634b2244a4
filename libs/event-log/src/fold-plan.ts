import { DomainError, type DomainEvent, type EventSchema, type JsonObject, type StreamDefinition } from '@countersign/kernel';

/** One event type of a stream definition, prepared for folding and sealing. */
export interface EventPlan {
  /** Short name, as the domain speaks of it. */
  readonly name: string;
  readonly schema: EventSchema;
  /** Fields that folding never sees, because they may be erased. */
  readonly erasableFields: readonly string[];
}

/** How the events of one stream definition are told apart. */
export interface FoldPlan {
  /** Groups whose disclosures are never opened for folding: they may be erased. */
  readonly erasableGroups: ReadonlySet<string>;
  /** @throws DomainError INTERNAL for an event its own definition does not list: a programming error. */
  byName(name: string): EventPlan;
  /** @throws DomainError EVENT_TYPE_UNKNOWN: an audit system does not skip silently. */
  byType(type: string): EventPlan;
}

const plans = new WeakMap<object, FoldPlan>();

/** The plan of a definition, made once. */
export function foldPlanOf<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>): FoldPlan {
  const known = plans.get(definition);
  if (known) return known;
  const plan = makePlan(definition.category, definition.schemas);
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

function makePlan(category: string, schemas: Readonly<Record<string, EventSchema>>): FoldPlan {
  const erasableGroups = new Set(Object.values(schemas).flatMap(erasableGroupsOf));
  const events = Object.entries(schemas).map(([name, schema]) => planOf(name, schema, erasableGroups));
  const byName = new Map(events.map((plan) => [plan.name, plan]));
  const byType = new Map(events.map((plan) => [plan.schema.type as string, plan]));
  return {
    erasableGroups,
    byName: (name) => found(byName.get(name), 'INTERNAL', category, name),
    byType: (type) => found(byType.get(type), 'EVENT_TYPE_UNKNOWN', category, type),
  };
}

function found(plan: EventPlan | undefined, code: 'INTERNAL' | 'EVENT_TYPE_UNKNOWN', category: string, type: string): EventPlan {
  if (!plan) throw new DomainError(code, { context: { category, type } });
  return plan;
}

function erasableGroupsOf(schema: EventSchema): string[] {
  return Object.values(schema.fields).flatMap((placement) =>
    placement !== 'public' && placement.erasable ? [placement.group] : [],
  );
}

/** One key serves a whole group, so a group is erasable as soon as one of its fields is. */
function planOf(name: string, schema: EventSchema, erasableGroups: ReadonlySet<string>): EventPlan {
  const erasableFields = Object.entries(schema.fields)
    .filter(([, placement]) => placement !== 'public' && erasableGroups.has(placement.group))
    .map(([field]) => field);
  return { name, schema, erasableFields };
}
