import type { JsonObject } from '@countersign/kernel';
import type { TopicSpec } from '../topics.js';
import { refusalsOf, type Refusal } from './schema-refusals.js';
import { selfContained } from './self-contained-schema.js';

/** What integrators build on. */
export interface Contract {
  readonly topics: readonly TopicSpec[];
  /** JSON schemas by name, e.g. `in.procurement.order.v1`. */
  readonly schemas: ReadonlyMap<string, JsonObject>;
}

/**
 * What in a newer contract breaks those who built on the older one: a topic that is gone, has other partitions or another key (both move
 * keys to other partitions and lose their order); an `in` schema that refuses what it took; an `out` schema that no longer promises what it did.
 *
 * @returns one line each; empty if nothing breaks
 */
export function breakingChanges(before: Contract, after: Contract): readonly string[] {
  const topics = new Map(after.topics.map((spec) => [spec.name, spec]));
  return [
    ...before.topics.flatMap((spec) => topicChanges(spec, topics.get(spec.name))),
    ...[...before.schemas].flatMap(([name, schema]) => schemaChanges(name, schema, after.schemas.get(name))),
  ];
}

function topicChanges(before: TopicSpec, after: TopicSpec | undefined): readonly string[] {
  const { name } = before;
  if (after === undefined) return [`${name}: the topic is gone`];
  const changed = (['partitions', 'key', 'schema'] as const).filter((field) => before[field] !== after[field]);
  return changed.map((field) => `${name}: ${field} was ${String(before[field])} and is ${String(after[field])}`);
}

function schemaChanges(name: string, before: JsonObject, after: JsonObject | undefined): readonly string[] {
  if (after === undefined) return [`${name}: the schema is gone`];
  const [old, current] = [selfContained(before), selfContained(after)];
  if (name.startsWith('in.')) return refusalsOf(old, current, 'closed').map((refusal) => line(name, refusal));
  // Who reads an `out` topic passes over members that he does not know, and relies on everything else.
  return refusalsOf(current, old, 'open').map((refusal) => `${line(name, refusal)}, which is no longer promised`);
}

function line(name: string, { path, rule }: Refusal): string {
  return `${name}: ${path === '' ? 'the data' : path} ${rule}`;
}
