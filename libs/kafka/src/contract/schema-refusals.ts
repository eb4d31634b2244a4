import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { closes, CLOSING, isNeverMet, namesIn, objectOf, scopeOf, valuesOf, type Reading, type Scope } from './schema-scope.js';

/** Why a schema refuses something that another one accepts. */
export interface Refusal {
  /** Member path such as `lines[].quantity`; empty for the whole. */
  readonly path: string;
  readonly rule: string;
}

type Pair = readonly [given: JsonObject, by: JsonObject];
type Rule = (pair: Pair, scope: Scope, path: string) => readonly Refusal[];

const LOWER_LIMITS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_LIMITS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** They mean nothing for what is accepted. */
const ANNOTATIONS = ['$schema', '$id', '$comment', 'title', 'description', 'examples', 'default', 'deprecated'];
const UNDERSTOOD = new Set([
  ...LOWER_LIMITS,
  ...UPPER_LIMITS,
  ...ANNOTATIONS,
  ...['type', 'enum', 'const', 'required', 'properties', 'items', 'allOf', 'if', 'then', 'else'],
]);
/** Members may hide in them, so that leaving one out may refuse something too. */
const HOLDS_MEMBERS = ['anyOf', 'oneOf', 'patternProperties', 'dependentSchemas', 'prefixItems'];

const RULES: readonly Rule[] = [
  types,
  values,
  limits,
  required,
  closing,
  members,
  newMembers,
  items,
  conditions,
  branches,
  theRest,
];

/**
 * What the schema `by` refuses although `given` accepts it. Never silent about a refusal; where two schemas cannot be compared by
 * these rules, that is told as one. Both MUST be self-contained.
 */
export function refusalsOf(given: JsonObject, by: JsonObject, reading: Reading): readonly Refusal[] {
  return compare([given, by], scopeOf(given, by, reading), '');
}

function compare(pair: Pair, scope: Scope, path: string): readonly Refusal[] {
  return isDeepStrictEqual(pair[0], pair[1]) ? [] : RULES.flatMap((rule) => rule(pair, scope, path));
}

/** A member or an item: it has a scope of its own. */
function compareValue(given: JsonValue, by: JsonValue, { reading }: Scope, path: string): readonly Refusal[] {
  if (isDeepStrictEqual(given, by) || by === true || given === false) return [];
  if (by === false) return [{ path, rule: 'is not taken any more' }];
  const pair: Pair = [objectOf(given), objectOf(by)];
  return compare(pair, scopeOf(...pair, reading), path);
}

function types([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  if (by['type'] === undefined) return [];
  const taken = [by['type']].flat();
  const known = given['type'] === undefined ? scope.given.types : [given['type']].flat();
  const isTaken = (type: JsonValue): boolean => taken.includes(type) || (type === 'integer' && taken.includes('number'));
  return known?.every(isTaken) ? [] : [{ path, rule: `is of type ${JSON.stringify(by['type'])} only` }];
}

function values([given, by]: Pair, _scope: Scope, path: string): readonly Refusal[] {
  const taken = valuesOf(by);
  if (taken === undefined) return [];
  const known = valuesOf(given);
  if (known === undefined) return [{ path, rule: 'is one of listed values only' }];
  const lost = known.filter((value) => !taken.some((each) => isDeepStrictEqual(each, value)));
  return lost.map((value) => ({ path, rule: `is not ${JSON.stringify(value)} any more` }));
}

function limits([given, by]: Pair, _scope: Scope, path: string): readonly Refusal[] {
  const isNarrower = (keyword: string, sign: 1 | -1): boolean => {
    const [before, now] = [given[keyword], by[keyword]];
    return typeof now === 'number' && (typeof before !== 'number' || sign * now > sign * before);
  };
  const narrower = [
    ...LOWER_LIMITS.filter((keyword) => isNarrower(keyword, 1)),
    ...UPPER_LIMITS.filter((keyword) => isNarrower(keyword, -1)),
  ];
  return narrower.map((keyword) => ({ path, rule: `has the narrower ${keyword} ${JSON.stringify(by[keyword])}` }));
}

function required([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  const certain = new Set([...namesIn(given['required']), ...scope.given.required]);
  const demanded = namesIn(by['required']).filter((name) => !certain.has(name));
  return demanded.map((name) => ({ path: memberPath(path, name), rule: 'must be given' }));
}

function closing([given, by]: Pair, { reading }: Scope, path: string): readonly Refusal[] {
  if (reading === 'open') return [];
  const rules = CLOSING.filter((keyword) => by[keyword] !== undefined && by[keyword] !== true);
  // `unevaluatedProperties` sees the members of branches, `additionalProperties` does not: only the former may take the place of the latter.
  const isAsBefore = (keyword: string): boolean =>
    isDeepStrictEqual(by[keyword], given[keyword]) || (keyword === 'unevaluatedProperties' && closes(given));
  const lost = rules.filter((keyword) => !isAsBefore(keyword));
  return lost.map((keyword) => ({ path, rule: `takes other members as ${keyword} allows only` }));
}

/** Members that the given schema names. */
function members([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  const own = objectOf(by['properties']);
  return Object.entries(objectOf(given['properties'])).flatMap(([name, before]) => {
    const now = own[name] ?? scope.by.always.get(name) ?? schemaOfOthers(by);
    if (now !== undefined) return compareValue(before, now, scope, memberPath(path, name));
    return scope.by.isClosed ? [{ path: memberPath(path, name), rule: 'is not taken any more' }] : [];
  });
}

/** Members that only the other schema names. */
function newMembers([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  const own = objectOf(given['properties']);
  return Object.entries(objectOf(by['properties'])).flatMap(([name, now]) => {
    if (own[name] !== undefined) return [];
    const before = scope.given.somewhere.get(name) ?? (scope.given.isClosed ? [] : [true]);
    return before.flatMap((each) => compareValue(each, now, scope, memberPath(path, name)));
  });
}

function items([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  return by['items'] === undefined ? [] : compareValue(given['items'] ?? true, by['items'], scope, `${path}[]`);
}

function conditions([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  const [before, now] = [given['if'], by['if']];
  if (before !== undefined && now !== undefined && !isDeepStrictEqual(before, now)) {
    return [{ path, rule: 'depends on another condition' }];
  }
  const neverMet = before === undefined && now !== undefined && isNeverMet(objectOf(now), scope);
  return ['then', 'else'].flatMap((outcome) => {
    if (neverMet && outcome === 'then') return [];
    // Without `if` they are ignored.
    const [old, current] = [before === undefined ? {} : objectOf(given[outcome]), now === undefined ? {} : objectOf(by[outcome])];
    return compare([old, current], scope, path);
  });
}

/** `allOf`: conditions belong together by what they ask, the others by their place. */
function branches([given, by]: Pair, scope: Scope, path: string): readonly Refusal[] {
  const [before, now] = [branchesOf(given), branchesOf(by)];
  const keys = new Set([...before.keys(), ...now.keys()]);
  return [...keys].flatMap((key) => compare([before.get(key) ?? {}, now.get(key) ?? {}], scope, path));
}

/** Keywords without a rule of their own here: what is the same is safe, and nothing else. */
function theRest([given, by]: Pair, _scope: Scope, path: string): readonly Refusal[] {
  const restricting = Object.keys(by).filter((keyword) => !UNDERSTOOD.has(keyword) && !CLOSING.includes(keyword));
  const changed = [...new Set([...restricting, ...HOLDS_MEMBERS])].filter(
    (keyword) => !isDeepStrictEqual(given[keyword], by[keyword]),
  );
  return changed.map((keyword) => ({ path, rule: `has another ${keyword}` }));
}

function branchesOf(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  const branches = (schema['allOf'] ?? []) as readonly JsonObject[];
  const asked = branches.map((branch) => JSON.stringify(branch['if'] ?? 'always'));
  const ordinal = (place: number): number => asked.slice(0, place).filter((each) => each === asked[place]).length;
  return new Map(branches.map((branch, place) => [`${asked[place]} ${ordinal(place)}`, branch]));
}

function schemaOfOthers({ additionalProperties }: JsonObject): JsonValue | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function memberPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
