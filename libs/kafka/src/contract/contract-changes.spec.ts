import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { messageSchema } from '../message-schema.js';
import { TOPICS, type TopicSpec } from '../topics.js';
import { breakingChanges, type Contract } from './contract-changes.js';
import { samplesOf } from './message-samples.js';
import { selfContained } from './self-contained-schema.js';

/** Hundreds of schemas are compiled. */
const SOUNDNESS_TIMEOUT_MS = 60_000;
const IN = 'in.procurement.order.v1';
const OUT = 'out.finance.payment-trigger.v1';

const topic: TopicSpec = {
  name: 'countersign.in.a.v1',
  direction: 'in',
  service: 'procurement',
  key: 'PIID',
  partitions: 4,
  schema: IN,
};

/** An order with one branch. */
const ORDER = {
  type: 'object',
  additionalProperties: false,
  required: ['piid', 'lines'],
  properties: {
    piid: { type: 'string', pattern: '^[A-Z0-9]+$', minLength: 13, maxLength: 17 },
    note: { type: 'string' },
    lines: { type: 'array', minItems: 1, maxItems: 500, items: { $ref: '#/$defs/line' } },
    conditions: { type: 'array', items: { $ref: '#/$defs/condition' } },
  },
  $defs: {
    line: {
      type: 'object',
      additionalProperties: false,
      required: ['quantity'],
      properties: { quantity: { type: 'integer', minimum: 1, maximum: 99 }, unit: { enum: ['EA', 'BX'] }, free: {} },
    },
    condition: {
      type: 'object',
      required: ['type'],
      properties: { type: { enum: ['CoCValid', 'QuantityWithin'] } },
      allOf: [when('QuantityWithin', { type: 'object', required: ['under'], properties: { under: { type: 'integer' } } })],
      unevaluatedProperties: false,
    },
  },
};

type Path = readonly (string | number)[];

/** The schema with another value at a path; undefined leaves it out. */
function put<Schema extends JsonValue>(schema: Schema, [first, ...rest]: Path, value: JsonValue | undefined): Schema {
  if (first === undefined) return value as Schema;
  const changed = (Array.isArray(schema) ? [...schema] : { ...(schema as object) }) as Record<string | number, JsonValue>;
  const inner = rest.length === 0 ? value : put(changed[first] ?? {}, rest, value);
  if (inner === undefined) {
    if (Array.isArray(changed)) changed.splice(Number(first), 1);
    else delete changed[first];
  } else changed[first] = inner;
  return changed as unknown as Schema;
}

function contractOf(name: string, schema: JsonObject): Contract {
  return { topics: [], schemas: new Map([[name, schema]]) };
}
const changesOf = (name: string, before: JsonObject, after: JsonObject): readonly string[] =>
  breakingChanges(contractOf(name, before), contractOf(name, after));

const line = ['$defs', 'line'];
const condition = ['$defs', 'condition'];

describe('The topics of a contract', () => {
  const before: Contract = { topics: [topic], schemas: new Map() };
  const after = (changed: Partial<TopicSpec>): Contract => ({ topics: [{ ...topic, ...changed }], schemas: new Map() });

  it('may gain topics', () => {
    const further: Contract = { topics: [topic, { ...topic, name: 'countersign.in.a.v2' }], schemas: new Map([[IN, ORDER]]) };
    expect(breakingChanges(before, further)).toEqual([]);
  });

  it.each([
    ['a topic that is gone', { topics: [], schemas: new Map() }, ['countersign.in.a.v1: the topic is gone']],
    ['more partitions', after({ partitions: 8 }), ['countersign.in.a.v1: partitions was 4 and is 8']],
    ['another key', after({ key: 'CLIN' }), ['countersign.in.a.v1: key was PIID and is CLIN']],
    ['no schema any more', after({ schema: undefined }), [`countersign.in.a.v1: schema was ${IN} and is undefined`]],
  ] as [string, Contract, string[]][])('must not have %s', (_name, changed, lines) => {
    expect(breakingChanges(before, changed)).toEqual(lines);
  });

  it('must keep their schemas', () => {
    expect(breakingChanges(contractOf(IN, ORDER), { topics: [], schemas: new Map() })).toEqual([`${IN}: the schema is gone`]);
  });
});

describe('The schema of what we take', () => {
  it.each([
    ['a new optional member', ['properties', 'priority'], { type: 'string' }],
    ['a member required no more', ['required'], ['piid']],
    ['a wider enum', [...line, 'properties', 'unit', 'enum'], ['EA', 'BX', 'DZ']],
    ['wider limits', [...line, 'properties', 'quantity'], { type: 'integer', minimum: 0, maximum: 100 }],
    ['no limits', [...line, 'properties', 'quantity'], { type: 'integer' }],
    ['no pattern', ['properties', 'piid', 'pattern'], undefined],
    ['a wider type', [...line, 'properties', 'quantity', 'type'], ['number', 'string']],
    ['an open object', ['additionalProperties'], undefined],
    ['another way to be closed', [...line, 'additionalProperties'], undefined],
    ['other words', ['description'], 'An order.'],
    ['anything for a member', [...line, 'properties', 'unit'], true],
    ['a new condition with members of its own', condition, withCondition()],
  ] as [string, Path, JsonValue | undefined][])('may have %s', (name, path, value) => {
    const changed = put(ORDER as JsonObject, path, value);
    const after = name === 'another way to be closed' ? put(changed, [...line, 'unevaluatedProperties'], false) : changed;
    expect(changesOf(IN, ORDER, after)).toEqual([]);
  });

  it.each([
    ['a new required member', ['required'], ['piid', 'lines', 'note'], 'note must be given'],
    ['a member less', ['properties', 'note'], undefined, 'note is not taken any more'],
    ['a member that is never taken', ['properties', 'note'], false, 'note is not taken any more'],
    ['a narrower enum', [...line, 'properties', 'unit', 'enum'], ['EA'], 'lines[].unit is not "BX" any more'],
    ['a new enum', ['properties', 'note', 'enum'], ['a'], 'note is one of listed values only'],
    ['a constant', [...line, 'properties', 'unit'], { const: 'EA' }, 'lines[].unit is not "BX" any more'],
    ['another pattern', ['properties', 'piid', 'pattern'], '^W', 'piid has another pattern'],
    ['a new format', ['properties', 'note', 'format'], 'uri', 'note has another format'],
    ['a new keyword', ['properties', 'note', 'contentEncoding'], 'base64', 'note has another contentEncoding'],
    ['a higher minimum', [...line, 'properties', 'quantity', 'minimum'], 2, 'lines[].quantity has the narrower minimum 2'],
    ['a lower maximum', [...line, 'properties', 'quantity', 'maximum'], 9, 'lines[].quantity has the narrower maximum 9'],
    ['a longer minimum length', ['properties', 'note', 'minLength'], 1, 'note has the narrower minLength 1'],
    ['a shorter maximum length', ['properties', 'piid', 'maxLength'], 13, 'piid has the narrower maxLength 13'],
    ['fewer items', ['properties', 'lines', 'maxItems'], 10, 'lines has the narrower maxItems 10'],
    ['another type', ['properties', 'note', 'type'], 'integer', 'note is of type "integer" only'],
    ['a type for what was free', [...line, 'properties', 'free'], { type: 'string' }, 'lines[].free is of type "string" only'],
    [
      'members of branches shut out',
      condition,
      { ...ORDER.$defs.condition, additionalProperties: false },
      'conditions[] takes other members as additionalProperties allows only',
    ],
    ['another condition', [...condition, 'allOf', 0, 'if'], { required: ['type'] }, 'conditions[].under must be given'],
    ['a condition less', [...condition, 'allOf', 0, 'if'], undefined, 'conditions[].under is not taken any more'],
    ['a branch less', [...condition, 'allOf'], undefined, 'conditions[].under is not taken any more'],
    [
      'a branch that demands more',
      [...condition, 'allOf', 0, 'then', 'required'],
      ['under', 'over'],
      'conditions[].over must be given',
    ],
    ['a branch for all', ['allOf'], [{ properties: { note: { maxLength: 5 } } }], 'note has the narrower maxLength 5'],
    ['a new negation', ['properties', 'note', 'not'], { const: 'x' }, 'note has another not'],
  ] as [string, Path, JsonValue | undefined, string][])('must not have %s', (_name, path, value, text) => {
    expect(changesOf(IN, ORDER, put(ORDER as JsonObject, path, value))).toContain(`${IN}: ${text}`);
  });

  it('must not close an object that was open, nor bind a member that was free in it', () => {
    const open = { type: 'object', properties: {} };
    expect(changesOf(IN, open, { ...open, additionalProperties: false })).toHaveLength(1);
    expect(changesOf(IN, open, { ...open, properties: { note: { type: 'string' } } })).toHaveLength(1);
  });
});

describe('The schema of what we tell', () => {
  const told = messageSchema(OUT) as JsonObject;

  it.each([
    ['a further member', ['properties', 'note'], { type: 'string' }],
    ['a member that is always given', ['required'], [...(told['required'] as string[]), 'note']],
    ['narrower limits', ['properties', 'quantity', 'minimum'], 2],
    ['other words', ['description'], 'Pay.'],
  ] as [string, Path, JsonValue][])('may have %s', (_name, path, value) => {
    const after = put(told, path, value);
    expect(changesOf(OUT, told, put(after, ['properties', 'note'], { type: 'string' }))).toEqual([]);
  });

  it.each([
    ['a member that may be missing', ['required'], ['piid', 'clin'], 'record must be given'],
    ['a member of a member that may be missing', ['properties', 'record', 'required'], ['log'], 'record.index must be given'],
    ['a looser limit', ['properties', 'quantity', 'minimum'], 0, 'quantity has the narrower minimum 1'],
    ['a looser pattern', ['properties', 'termsDigest', 'pattern'], undefined, 'termsDigest has another pattern'],
    ['another type', ['properties', 'quantity', 'type'], 'string', 'quantity is of type "integer" only'],
  ] as [string, Path, JsonValue | undefined, string][])('must not have %s', (_name, path, value, text) => {
    expect(changesOf(OUT, told, put(told, path, value))).toContain(`${OUT}: ${text}, which is no longer promised`);
  });
});

describe('The published schemas', () => {
  const schemas = Object.values<TopicSpec>(TOPICS).flatMap(({ schema }) => (schema === undefined ? [] : [schema]));

  it.each(schemas)('%s breaks nothing as it is', (name) => {
    const schema = messageSchema(name) as JsonObject;
    expect(changesOf(name, schema, schema)).toEqual([]);
  });

  /** Soundness, judged by a validator that is not ours: no change by which a message is refused that was accepted goes through. */
  it.each(schemas.filter((name) => name.startsWith('in.')))(
    '%s cannot come to refuse a message unnoticed',
    (name) => {
      const before = selfContained(messageSchema(name) as JsonObject);
      const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false });
      const validate = ajv.compile(before);
      const accepted = samplesOf(name).flatMap(({ data }) => {
        const others = variantsOf(data).map(([, variant]) => variant);
        return [data, ...others].filter((each) => validate(each));
      });
      const variants = variantsOf(before) as readonly [string, JsonObject][];
      const passed = variants.filter(([, after]) => changesOf(name, before, after).length === 0);
      const unnoticed = passed.filter(([, after]) => refusesOne(ajv, after, accepted)).map(([change]) => change);
      expect(unnoticed).toEqual([]);
      expect([accepted.length > 20, passed.length > 20, variants.length > 100 + passed.length]).toEqual([true, true, true]);
    },
    SOUNDNESS_TIMEOUT_MS,
  );
});

/** What holds for conditions of a type. */
function when(type: string, outcome: JsonObject): JsonObject {
  const condition = { required: ['type'], properties: { type: { const: type } } };
  return JSON.parse(`{ "if": ${JSON.stringify(condition)}, "then": ${JSON.stringify(outcome)} }`) as JsonObject;
}

function withCondition(): JsonObject {
  const { allOf, properties, ...rest } = ORDER.$defs.condition;
  const added = when('DeliveredBy', { type: 'object', required: ['date'], properties: { date: { type: 'string' } } });
  return { ...rest, properties: { type: { enum: [...properties.type.enum, 'DeliveredBy'] } }, allOf: [added, ...allOf] };
}

function refusesOne(ajv: Ajv2020, schema: JsonObject, accepted: readonly JsonValue[]): boolean {
  let validate: ReturnType<Ajv2020['compile']>;
  try {
    validate = ajv.compile(schema);
  } catch {
    // Not a schema: generating the document and every door's own test fail.
    return false;
  }
  return accepted.some((each) => !validate(each));
}

/** The value with one thing changed, for every thing in it, and what was changed. */
function variantsOf(value: JsonValue): readonly [string, JsonValue][] {
  return pathsOf(value).flatMap(([path, at]) =>
    [undefined, ...othersOf(at)].map((other): [string, JsonValue] => [
      `${path.join('.')} = ${JSON.stringify(other)}`,
      put(value, path, other),
    ]),
  );
}

function pathsOf(value: JsonValue, path: Path = []): readonly [Path, JsonValue][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const isWords = ['title', 'description'].includes(String(path.at(-1)));
  const own: [Path, JsonValue][] = path.length === 0 || isWords ? [] : [[path, value]];
  return [...own, ...inner.flatMap(([name, each]) => pathsOf(each as JsonValue, [...path, name]))];
}

function othersOf(value: JsonValue): readonly JsonValue[] {
  if (typeof value === 'number') return [value + 1, Math.max(0, value - 1), value * 10];
  if (typeof value === 'string') return ['integer', `${value}A`, value.slice(1)];
  if (Array.isArray(value)) return [[], [...(value as readonly JsonValue[]), 'extra']];
  if (typeof value === 'boolean') return [!value];
  return [
    { ...(value as JsonObject), extra: { type: 'string' } },
    { ...(value as JsonObject), minLength: 99, const: 'x' },
  ];
}
