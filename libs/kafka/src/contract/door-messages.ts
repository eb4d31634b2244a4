import type { JsonObject } from '@countersign/kernel';
import { CLOUD_EVENT_MEDIA_TYPE } from '../cloud-event.js';
import { messageSchema } from '../message-schema.js';
import { SIGNATURE_HEADER, signMessage } from '../message-signature.js';
import { samplesOf, SAMPLE_SIGNER, type MessageSample } from './message-samples.js';
import { selfContained } from './self-contained-schema.js';

/** A topic whose data has a JSON schema: an `in` or `out` topic of the catalogue. */
export interface Door {
  /** Topic name and CloudEvents type. */
  readonly name: string;
  readonly schema: string;
  readonly direction: 'in' | 'out';
  readonly key: string;
}

/** Media type of our schemas: AsyncAPI reads another dialect by default. */
export const SCHEMA_FORMAT = 'application/schema+json;version=draft-2020-12';
export const KAFKA_BINDING = '0.5.0';

/** `in` topics whose messages have to say when it happened; the data of the others says it. */
const TIME_REQUIRED = new Set(['in.procurement.order.v1', 'out.finance.payment-trigger.v1']);

const VISIBLE_ASCII = '^[!-~]+$';
const STRUCTURED_TYPE = `${CLOUD_EVENT_MEDIA_TYPE}; charset=UTF-8`;

/** The data of a door as a self-contained schema object. */
export function doorSchema({ schema }: Door): JsonObject {
  return { schemaFormat: SCHEMA_FORMAT, schema: selfContained(messageSchema(schema) as JsonObject) };
}

/** What the messages of a door are, in a few words. */
export function doorTitle({ schema }: Door): string {
  return String(messageSchema(schema)['title']);
}

/** The messages of a door by content mode: both are taken, structured mode is given. */
export function doorMessages(door: Door): JsonObject {
  const structured = structuredMessage(door);
  return door.direction === 'in' ? { binary: binaryMessage(door), structured } : { structured };
}

function binaryMessage(door: Door): JsonObject {
  const { attributes, required } = cloudEvent(door);
  const names = Object.keys(attributes);
  return {
    ...description(door, 'binary mode', 'The value is the data; the CloudEvents attributes stand in headers.'),
    contentType: 'application/json',
    headers: {
      type: 'object',
      required: ['content-type', ...required.map((name) => `ce_${name}`), SIGNATURE_HEADER],
      properties: {
        'content-type': { type: 'string', pattern: '^application/json *(;.*)?$' },
        ...Object.fromEntries(names.map((name) => [`ce_${name}`, attributes[name] ?? {}])),
        [SIGNATURE_HEADER]: signatureHeader(
          'The JWS header repeats the attributes id, source, type, subject and time in its member `ce`, as far as they are given.',
        ),
      },
    },
    payload: { $ref: `#/components/schemas/${door.schema}` },
    examples: samplesOf(door.schema).map((sample) => binaryExample(door, sample)),
  };
}

function structuredMessage(door: Door): JsonObject {
  const { attributes, required } = cloudEvent(door);
  const signed = door.direction === 'in';
  return {
    ...description(door, 'structured mode', 'The value is the CloudEvent in the JSON format: attributes and data in one object.'),
    contentType: CLOUD_EVENT_MEDIA_TYPE,
    headers: {
      type: 'object',
      required: ['content-type', ...(signed ? [SIGNATURE_HEADER] : [])],
      properties: {
        'content-type': { type: 'string', pattern: '^application/cloudevents\\+json *(;.*)?$' },
        ...(signed
          ? { [SIGNATURE_HEADER]: signatureHeader('The value holds the attributes, so nothing has to be repeated.') }
          : {}),
      },
    },
    payload: {
      schemaFormat: SCHEMA_FORMAT,
      schema: {
        type: 'object',
        required: [...required, 'data'],
        properties: {
          ...attributes,
          datacontenttype: { const: 'application/json' },
          data: { $ref: `#/components/schemas/${door.schema}/schema` },
        },
      },
    },
    examples: samplesOf(door.schema).map((sample) => structuredExample(door, sample)),
  };
}

function description(door: Door, mode: string, text: string): JsonObject {
  const { name, schema, key } = door;
  return {
    name,
    title: `${doorTitle(door)}, ${mode}`,
    summary: String(messageSchema(schema)['description']),
    description: text,
    bindings: { kafka: { key: { type: 'string', description: `${key}.` }, bindingVersion: KAFKA_BINDING } },
  };
}

/** The CloudEvents attributes as the door checks them. */
function cloudEvent({ name, schema }: Door): { readonly attributes: JsonObject; readonly required: readonly string[] } {
  const timeRequired = TIME_REQUIRED.has(schema);
  return {
    attributes: {
      specversion: { const: '1.0' },
      id: {
        type: 'string',
        pattern: VISIBLE_ASCII,
        maxLength: 64,
        description: 'Names this message for ever: the same id of the same sender is the same message, however often it comes.',
      },
      source: { type: 'string', pattern: VISIBLE_ASCII, maxLength: 256, description: 'The system that wrote the message.' },
      type: { const: name, description: 'The name of the topic.' },
      subject: { type: 'string', maxLength: 1024, description: 'What the message is about.' },
      time: {
        type: 'string',
        format: 'date-time',
        description: `When it happened, RFC 3339 with an offset, at most five minutes ahead of our clock.${timeRequired ? '' : ' Not needed: the data says when.'}`,
      },
      dataschema: { type: 'string', maxLength: 1024 },
      correlationid: {
        type: 'string',
        maxLength: 1024,
        description: 'Taken over into the record if it is 8 to 64 letters, digits, `.`, `_`, `-`.',
      },
    },
    required: ['specversion', 'id', 'source', 'type', ...(timeRequired ? ['time'] : [])],
  };
}

function signatureHeader(covered: string): JsonObject {
  return {
    type: 'string',
    maxLength: 4096,
    pattern: '^[A-Za-z0-9_-]+\\.\\.[A-Za-z0-9_-]{86}$',
    description: `Detached compact JWS (RFC 7515 appendix F) over the value's bytes: alg EdDSA, kid = id of the sending principal. ${covered}`,
  };
}

function binaryExample({ name: type }: Door, { name, summary, key, attributes, data }: MessageSample): JsonObject {
  const event = { ...attributes, type };
  const headers = Object.fromEntries(Object.entries(event).map(([attribute, text]) => [`ce_${attribute}`, text]));
  const signature = sign(data, event);
  return {
    name,
    summary: `${summary} Key ${key}.`,
    headers: { 'content-type': 'application/json', ce_specversion: '1.0', ...headers, [SIGNATURE_HEADER]: signature },
    payload: data,
  };
}

function structuredExample({ name: type, direction }: Door, sample: MessageSample): JsonObject {
  const { name, summary, key, attributes, data } = sample;
  const payload = { specversion: '1.0', ...attributes, type, datacontenttype: 'application/json', data };
  return {
    name,
    summary: `${summary} Key ${key}.`,
    headers: { 'content-type': STRUCTURED_TYPE, ...(direction === 'in' ? { [SIGNATURE_HEADER]: sign(payload) } : {}) },
    payload,
  };
}

/** Over the compact JSON of the payload as the document shows it, members in that order. */
function sign(payload: JsonObject, attributes?: MessageSample['attributes'] & { readonly type: string }): string {
  return signMessage(Buffer.from(JSON.stringify(payload)), SAMPLE_SIGNER.kid, SAMPLE_SIGNER.privateKey, attributes);
}
