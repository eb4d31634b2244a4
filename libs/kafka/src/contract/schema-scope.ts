import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '@countersign/kernel';

/** `open`: who reads by the second schema passes over members that it does not name. */
export type Reading = 'closed' | 'open';

/** What holds for a value as a whole, wherever in its schema it is said: branches (`allOf`, `then`, `else`) speak of the same value. */
export interface Scope {
  readonly given: Side;
  readonly by: Side;
  readonly reading: Reading;
}

interface Side {
  /** Members that are named whatever the value is. */
  readonly always: ReadonlyMap<string, JsonValue>;
  /** Members that are named by these or by the outcome of a condition: all schemas of each. */
  readonly somewhere: ReadonlyMap<string, readonly JsonValue[]>;
  readonly required: readonly string[];
  /** Undefined if any is allowed. */
  readonly types: readonly JsonValue[] | undefined;
  /** Whether it refuses members that no branch names. */
  readonly isClosed: boolean;
}

/** Keywords that say what other members a value may have. */
export const CLOSING: readonly string[] = ['additionalProperties', 'unevaluatedProperties'];

/** The scope of a value that two schemas speak of. */
export function scopeOf(given: JsonObject, by: JsonObject, reading: Reading): Scope {
  const side = sideOf(by);
  return { given: sideOf(given), by: { ...side, isClosed: side.isClosed && reading === 'closed' }, reading };
}

/** Whether a condition asks for a member's value that the given schema never accepted. */
export function isNeverMet(condition: JsonObject, { given }: Scope): boolean {
  const asked = objectOf(condition['properties']);
  return namesIn(condition['required']).some((name) => {
    const [possible, wanted] = [valuesOf(objectOf(given.always.get(name))), valuesOf(objectOf(asked[name]))];
    if (possible === undefined || wanted === undefined) return false;
    return !wanted.some((value) => possible.some((each) => isDeepStrictEqual(each, value)));
  });
}

/** The values that a schema lists, if it does. */
export function valuesOf(schema: JsonObject): readonly JsonValue[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  return schema['enum'] as readonly JsonValue[] | undefined;
}

/** Whether a schema refuses members that it does not name. */
export function closes(schema: JsonObject): boolean {
  return CLOSING.some((keyword) => schema[keyword] === false);
}

/** The names of a `required` list; none if there is no list. */
export function namesIn(list: JsonValue | undefined): readonly string[] {
  return (list ?? []) as readonly string[];
}

/** The value if it is an object, else an empty one: as a schema, it refuses nothing. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function sideOf(schema: JsonObject): Side {
  const somewhere = new Map<string, readonly JsonValue[]>();
  for (const [name, member] of membersOf(schema, outcomesOf)) somewhere.set(name, [...(somewhere.get(name) ?? []), member]);
  return {
    always: new Map(membersOf(schema, () => [])),
    somewhere,
    required: namesIn(schema['required']),
    types: schema['type'] === undefined ? valuesOf(schema)?.map(typeOf) : [schema['type']].flat(),
    isClosed: closes(schema),
  };
}

function membersOf(schema: JsonObject, outcomes: (schema: JsonObject) => readonly JsonValue[]): readonly [string, JsonValue][] {
  const branches = [...outcomes(schema), ...((schema['allOf'] ?? []) as readonly JsonValue[])];
  const inBranches = branches.flatMap((branch) => membersOf(objectOf(branch), outcomes));
  return [...inBranches, ...Object.entries(objectOf(schema['properties']))];
}

/** Without `if` they are ignored (JSON Schema 2020-12 core, section 10.2.2). */
function outcomesOf(schema: JsonObject): readonly JsonValue[] {
  if (schema['if'] === undefined) return [];
  return [schema['then'], schema['else']].filter((outcome) => outcome !== undefined);
}

function typeOf(value: JsonValue): string {
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'array';
  return typeof value === 'number' ? 'integer' : typeof value;
}
