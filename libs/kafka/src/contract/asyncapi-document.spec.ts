import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { deadLetterOf } from '../dead-letter.js';
import type { IncomingMessage } from '../event-bus.js';
import { readInbound } from '../inbound.js';
import { validateMessageData } from '../message-schema.js';
import { DEAD_LETTER_REASONS } from '../outcome.js';
import { TOPICS, topicsToCreate, type TopicSpec } from '../topics.js';
import { asyncApiDocument } from './asyncapi-document.js';
import { SAMPLE_SIGNER } from './message-samples.js';

interface Channel {
  readonly address: string;
  readonly parameters?: { readonly topic: { readonly enum: readonly string[] } };
  readonly bindings: {
    readonly kafka: { readonly topic?: string; readonly partitions: number; readonly topicConfiguration: JsonObject };
  };
}
interface Example {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: JsonObject;
}
interface Message {
  readonly name: string;
  readonly headers: JsonObject;
  readonly examples?: readonly Example[];
}
interface Document {
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, { readonly action: string; readonly channel: { readonly $ref: string } }>>;
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
}

const root = join(import.meta.dirname, '../../../..');
const published = JSON.parse(readFileSync(join(root, 'docs/asyncapi.json'), 'utf8')) as JsonObject;
const document = published as unknown as Document;
const { messages } = document.components;

const require = createRequire(import.meta.url);
/** The rules of AsyncAPI itself, as its initiative publishes them. */
const official = require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
const byAsyncApi = withFormats(new Ajv({ strict: false, allErrors: true })).compile(official);

const dialect = withFormats(new Ajv2020({ strict: false }));
dialect.addSchema(published, 'document');

function withFormats<Validator extends Ajv | Ajv2020>(ajv: Validator): Validator {
  ajvFormats.default(ajv as Ajv);
  return ajv;
}

/** What stands at a place of the document, as a schema. */
function schemaAt(pointer: string): ValidateFunction {
  return dialect.compile({ $ref: `document#${pointer}` });
}

/** Every topic that a channel stands for, with its settings. */
function topicsOf(channel: Channel): readonly [string, Channel][] {
  const { address, parameters } = channel;
  return parameters === undefined
    ? [[address, channel]]
    : parameters.topic.enum.map((name) => [address.replace('{topic}', name), channel]);
}

function payloadSchema(id: string): ValidateFunction {
  const { payload } = messages[id] as unknown as { payload: { $ref?: string } };
  return schemaAt(`${payload.$ref?.slice(1) ?? `/components/messages/${id}/payload`}/schema`);
}

const examples = Object.entries(messages).flatMap(([id, message]) =>
  (message.examples ?? []).map((example) => [`${id} ${example.name}`, id, message, example] as const),
);

function received({ headers, payload }: Example): IncomingMessage {
  return {
    topic: 'any',
    partition: 0,
    offset: 0n,
    key: null,
    value: Buffer.from(JSON.stringify(payload)),
    headers: new Map(Object.entries(headers).map(([name, text]) => [name, [Buffer.from(text)]])),
    timestampMs: 0,
  };
}

describe('docs/asyncapi.json', () => {
  it('is what its generator writes', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(published).toEqual(JSON.parse(JSON.stringify(asyncApiDocument(version))));
  });

  it('is valid AsyncAPI 3.0', () => {
    byAsyncApi(published);
    expect(byAsyncApi.errors).toBeNull();
    expect(byAsyncApi({ ...published, channels: { wrong: { adress: 'a' } } })).toBe(false);
  });

  it('leads to something with every reference', () => {
    const references = [...JSON.stringify(published).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(50);
    for (const path of references) {
      const target = path
        .split('/')
        .reduce<JsonValue | undefined>((at, name) => (at as JsonObject | undefined)?.[name], published);
      expect([path, typeof target]).toEqual([path, 'object']);
    }
  });

  it('has every topic that is created, with its partitions and limits, and no other', () => {
    const documented = Object.values(document.channels)
      .flatMap(topicsOf)
      .map(([topic, { bindings }]) => [
        topic,
        bindings.kafka.partitions,
        Number(bindings.kafka.topicConfiguration['max.message.bytes']),
      ]);
    const created = topicsToCreate('').map(({ topic, partitions, config }) => [
      topic,
      partitions,
      Number(config?.['max.message.bytes']),
    ]);
    expect(documented.toSorted()).toEqual(created.toSorted());
  });

  it('tells what we receive and what we send', () => {
    const actions = new Map<string, string>(
      Object.values(document.operations).map(({ action, channel }) => [channel.$ref.replace('#/channels/', ''), action]),
    );
    expect([...actions.keys()].toSorted()).toEqual(Object.keys(document.channels).toSorted());
    for (const [id, { direction }] of Object.entries<TopicSpec>(TOPICS)) {
      expect([id, actions.get(id)]).toEqual([id, direction === 'in' ? 'receive' : 'send']);
    }
    expect(actions.get('inOrderDeadLetters')).toBe('send');
  });

  it('shows a sample of every message of a door', () => {
    for (const [id, { direction }] of Object.entries<TopicSpec>(TOPICS)) {
      const shown = examples.filter(([, message]) => message.startsWith(id)).map(([, message]) => message);
      if (direction === 'in') expect(new Set(shown)).toEqual(new Set([`${id}Binary`, `${id}Structured`]));
      if (direction === 'out') expect(new Set(shown)).toEqual(new Set([`${id}Structured`]));
    }
  });
});

describe.each(examples)('The sample %s', (_name, id, { name }, example) => {
  const spec = Object.values<TopicSpec>(TOPICS).find((each) => each.name === name)!;
  const isBinary = id.endsWith('Binary');
  const data = (isBinary ? example.payload : example.payload['data']) as JsonObject;

  it('keeps the schemas of its headers and its payload', () => {
    const headers = schemaAt(`/components/messages/${id}/headers`);
    const payload = payloadSchema(id);
    expect([headers(example.headers), headers.errors, payload(example.payload), payload.errors]).toEqual([
      true,
      null,
      true,
      null,
    ]);
    expect(() => validateMessageData(spec.schema ?? '', data)).not.toThrow();
  });

  it('is refused by both with a header, an attribute or a member less, or one more', () => {
    const headers = schemaAt(`/components/messages/${id}/headers`);
    const payload = payloadSchema(id);
    const enveloped = (changed: JsonObject): JsonObject => (isBinary ? changed : { ...example.payload, data: changed });
    for (const header of Object.keys(example.headers))
      expect([header, headers(without(example.headers, header))]).toEqual([header, false]);
    for (const member of Object.keys(data)) {
      const changed = without(data, member);
      expect([member, payload(enveloped(changed))]).toEqual([member, false]);
      expect(() => validateMessageData(spec.schema ?? '', changed)).toThrow();
    }
    expect(payload(enveloped({ ...data, further: 'member' }))).toBe(false);
  });

  if (spec.direction === 'in') {
    it('is taken by the door, signature included, and not with any other byte', async () => {
      const resolve = (kid: string): Promise<{ publicKey: Buffer } | undefined> =>
        Promise.resolve(kid === SAMPLE_SIGNER.kid ? { publicKey: SAMPLE_SIGNER.publicKey } : undefined);
      const message = received(example);
      await expect(readInbound(message, spec, resolve)).resolves.toMatchObject({
        event: { data },
        signer: { principalId: SAMPLE_SIGNER.kid },
      });
      const altered = Buffer.concat([message.value ?? Buffer.alloc(0), Buffer.from(' ')]);
      await expect(readInbound({ ...message, value: altered }, spec, resolve)).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
    });
  }
});

describe('The dead letter message', () => {
  const headers = schemaAt('/components/messages/deadLetter/headers');
  const declared = messages['deadLetter']?.headers['properties'] as Readonly<
    Record<string, { enum?: readonly string[]; description?: string }>
  >;
  const message = { ...received({ name: '', headers: { ce_id: 'a-1' }, payload: {} }), topic: TOPICS.inOrder.name };
  const history = { attempts: 2, firstFailedAt: new Date(0) };

  it('lists the reasons that there are, each with its meaning', () => {
    expect(declared['x-reason']?.enum).toEqual(DEAD_LETTER_REASONS);
    for (const reason of DEAD_LETTER_REASONS)
      expect(declared['x-reason']?.description).toMatch(new RegExp(`\`${reason}\`: [A-Z].+\\.`));
  });

  it.each(DEAD_LETTER_REASONS)('with reason %s has exactly the headers that we write', (reason) => {
    const full = { kind: 'reject', reason, code: 'FIELD_INVALID', field: 'lines.0.nsn', rule: 'must be given' } as const;
    const { ce_id: kept, ...ours } = deadLetterOf(message, full, history, 'procurement', true).headers ?? {};
    expect(kept).toBeDefined();
    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(declared).toSorted());
    expect([headers(ours), headers.errors]).toEqual([true, null]);
    expect(headers(deadLetterOf(message, { kind: 'reject', reason }, history, 'procurement').headers)).toBe(true);
  });

  it('with another reason is not one', () => {
    const foreign = { 'x-reason': 'BAD_MOOD' };
    expect(headers({ ...deadLetterOf(message, { kind: 'reject', reason: 'POISON' }, history, 'g').headers, ...foreign })).toBe(
      false,
    );
  });
});

function without(members: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([each]) => each !== name));
}
