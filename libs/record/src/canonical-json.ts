import type { JsonValue } from '@countersign/kernel';
import { shapeOf } from './object-shape.js';
import { invalid, malformed } from './refusal.js';

/** Deeper values are refused: nobody writes them by hand, and a parser must not run out of stack. */
const DEPTH_MAX = 32;

/** Anything that is not plain ASCII, and the two characters of it that JSON escapes. */
const NEEDS_CARE = /[^ !#-[\]-~]/;

// A byte order mark is not skipped, and malformed UTF-8 throws instead of becoming U+FFFD.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * RFC 8785 bytes of a value without floats (formats §1). Members that are `undefined` are absent.
 *
 * @throws DomainError FIELD_INVALID for a float, an integer beyond ±(2^53 − 1), a lone surrogate, or what is not JSON
 */
export function canonicalJson(value: JsonValue): Buffer {
  return Buffer.from(canonicalText(value));
}

/** Like `canonicalJson`, as text. */
export function canonicalText(value: JsonValue): string {
  return serialise(value, 0);
}

/**
 * Reads a value from bytes that MUST be its RFC 8785 form: another member order, spacing, escape, number form, a repeated
 * member or a byte order mark is refused, so a value has exactly one text.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function parseCanonical(bytes: Uint8Array): JsonValue {
  let text: string;
  let value: JsonValue;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw malformed('json', 'must be JSON in UTF-8');
  }
  if (!isCanonical(value, text)) throw malformed('json', 'must be in canonical form (RFC 8785), without floats');
  return value;
}

function isCanonical(value: JsonValue, text: string): boolean {
  try {
    return serialise(value, 0) === text;
  } catch {
    return false; // A float, a lone surrogate or too deep: the only things serialise refuses of a parsed value.
  }
}

function serialise(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return integer(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : container(value, depth + 1);
    default:
      throw invalid('json', 'must be a string, integer, boolean, null, array or object');
  }
}

function container(value: object, depth: number): string {
  if (depth > DEPTH_MAX) throw invalid('json', `must not be nested deeper than ${DEPTH_MAX}`);
  if (Array.isArray(value)) return `[${Array.from(value, (element) => serialise(element, depth)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw invalid('json', 'must be a plain object');
  const members = value as Readonly<Record<string, unknown>>;
  const { ordered, prefixes } = shapeOf(Object.keys(members), quote);
  let text = '';
  for (let index = 0; index < ordered.length; index += 1) {
    const member = members[ordered[index] as string];
    if (member === undefined) continue;
    text += (text === '' ? '' : ',') + (prefixes[index] as string) + serialise(member, depth);
  }
  return `{${text}}`;
}

function quote(text: string): string {
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw invalid('json', 'must not hold a lone surrogate');
  return JSON.stringify(text); // ECMAScript's escapes are those of RFC 8785 section 3.2.2.2.
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw invalid('json', 'a number is an integer within ±(2^53 − 1)');
  return String(value);
}
