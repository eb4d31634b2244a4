import type { JsonObject, JsonValue } from '@countersign/kernel';

const POINTER = /^#\/\$defs\/([A-Za-z0-9_-]+)$/;

/**
 * The schema without `$schema`, `$id` and `$defs`, every reference replaced by what it names: it means the same wherever it is pasted.
 *
 * @throws Error if a reference leads out of the schema or back into itself, or carries keywords of its own
 */
export function selfContained(schema: JsonObject): JsonObject {
  const { $schema: _dialect, $id: _id, $defs: definitions = {}, ...rest } = schema;
  return inlined(rest, definitions as JsonObject, []) as JsonObject;
}

function inlined(value: JsonValue, definitions: JsonObject, within: readonly string[]): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => inlined(each, definitions, within));
  const { $ref: reference, ...members } = value as JsonObject;
  if (typeof reference === 'string') return definitionOf(reference, members, definitions, within);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inlined(each, definitions, within)]));
}

function definitionOf(reference: string, siblings: JsonObject, definitions: JsonObject, within: readonly string[]): JsonValue {
  const name = POINTER.exec(reference)?.[1] ?? '';
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`The reference ${reference} leads nowhere.`);
  if (within.includes(name)) throw new Error(`The reference ${reference} leads back into itself.`);
  if (Object.keys(siblings).length > 0) throw new Error(`The reference ${reference} stands beside other keywords.`);
  return inlined(definition, definitions, [...within, name]);
}
