import { DomainError, type JsonObject, type JsonValue } from '@countersign/kernel';
import type { IncomingHeaders } from './event-bus.js';
import { parseStrictJson } from './strict-json.js';

/** A CloudEvents 1.0 event as it came over Kafka, in either content mode. */
export interface CloudEvent {
  readonly mode: 'binary' | 'structured';
  /** 1 to 64 visible ASCII characters; the idempotency key together with the signer. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** As sent; RFC 3339 is the receiver's to check. */
  readonly time?: string;
  readonly dataschema?: string;
  /** Extension attributes, names `[a-z0-9]{1,20}`. */
  readonly extensions: Readonly<Record<string, string>>;
  /** The parsed JSON content. */
  readonly data: JsonValue;
}

/** Media type of structured mode (CloudEvents Kafka binding 1.0.2 section 3.3). */
export const CLOUD_EVENT_MEDIA_TYPE = 'application/cloudevents+json';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ATTRIBUTE_NAME = /^[a-z0-9]{1,20}$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const LENGTH_MAX: Readonly<Record<string, number>> = { id: 64, source: 256, type: 200 };
const TEXT_LENGTH_MAX = 1_024;
const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;
const OWN = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema', 'datacontenttype']);

/**
 * Reads a CloudEvent from a record's headers and value. JSON content only.
 *
 * @throws DomainError SCHEMA_INVALID with field and rule
 */
export function parseCloudEvent(message: { readonly headers: IncomingHeaders; readonly value: Buffer | null }): CloudEvent {
  if (message.value === null) throw invalid('value', 'must not be null');
  const contentType = mediaType(headerText(message.headers, 'content-type'));
  if (contentType === CLOUD_EVENT_MEDIA_TYPE) return parseStructured(message.value);
  if (message.headers.has('ce_specversion')) return parseBinary(message.headers, contentType, message.value);
  throw invalid('content-type', `must be ${CLOUD_EVENT_MEDIA_TYPE}, or the attributes must be ce_ headers`);
}

/**
 * The one value of a header as text.
 *
 * @throws DomainError SCHEMA_INVALID if the header is repeated or not UTF-8
 */
export function headerText(headers: IncomingHeaders, name: string): string | undefined {
  const values = headers.get(name);
  if (values === undefined) return undefined;
  const [only] = values;
  if (only === undefined || values.length !== 1) throw invalid(name, 'must be given once');
  try {
    return utf8.decode(only);
  } catch {
    throw invalid(name, 'must be UTF-8');
  }
}

function parseStructured(value: Buffer): CloudEvent {
  const envelope = parseStrictJson(value);
  if (!isObject(envelope)) throw invalid('value', 'must be a JSON object');
  const { data, ...attributes } = envelope;
  if (data === undefined) throw invalid('data', 'must be given as JSON');
  return build('structured', attributes, data);
}

function parseBinary(headers: IncomingHeaders, contentType: string, value: Buffer): CloudEvent {
  const attributes: Record<string, JsonValue> = {};
  for (const name of headers.keys()) {
    if (name.startsWith('ce_')) attributes[name.slice(3)] = headerText(headers, name) ?? '';
  }
  attributes['datacontenttype'] = contentType;
  return build('binary', attributes, parseStrictJson(value));
}

function build(mode: CloudEvent['mode'], attributes: JsonObject, data: JsonValue): CloudEvent {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) texts.set(name, attributeText(name, value));
  for (const name of REQUIRED) if (!texts.get(name)) throw invalid(name, 'must be given');
  if (texts.get('specversion') !== '1.0') throw invalid('specversion', 'must be 1.0');
  if (!isJsonType(mediaType(texts.get('datacontenttype')), mode)) throw invalid('datacontenttype', 'must be application/json');
  return {
    mode,
    id: texts.get('id') ?? '',
    source: texts.get('source') ?? '',
    type: texts.get('type') ?? '',
    subject: texts.get('subject'),
    time: texts.get('time'),
    dataschema: texts.get('dataschema'),
    extensions: Object.fromEntries([...texts].filter(([name]) => !OWN.has(name))),
    data,
  };
}

/** Attribute values may be strings, booleans or integers (CloudEvents 1.0.2 section 3); we keep their canonical text. */
function attributeText(name: string, value: JsonValue): string {
  if (!ATTRIBUTE_NAME.test(name)) throw invalid('attributes', 'names must be 1 to 20 characters of a-z and 0-9');
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw invalid(name, 'must be a string');
  const text = String(value);
  const lengthMax = LENGTH_MAX[name];
  if (lengthMax !== undefined && !VISIBLE_ASCII.test(text)) throw invalid(name, 'must be visible ASCII');
  if (text.length > (lengthMax ?? TEXT_LENGTH_MAX))
    throw invalid(name, `must be at most ${lengthMax ?? TEXT_LENGTH_MAX} characters`);
  return text;
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** In structured mode an absent content type means JSON (CloudEvents JSON format section 3.1). */
function isJsonType(type: string, mode: CloudEvent['mode']): boolean {
  return type === 'application/json' || (type === '' && mode === 'structured');
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(field: string, rule: string): DomainError {
  return new DomainError('SCHEMA_INVALID', { field, rule });
}
