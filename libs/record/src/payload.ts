import { DomainError, type ErrorCode, type JsonObject, type JsonValue } from '@countersign/kernel';
import { DIGEST_SIZE } from './suite.js';

/** RFC 9901 section 4.1.1; the only hash of suite 1. */
export const SD_ALG = 'sha-256';

/** The member that carries an author's own SD-JWT payload; there if and only if the header has `authorsig` (formats §4). */
const INTENT = 'intent';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const RESERVED = new Set(['_sd', '_sd_alg', '...']); // RFC 9901 sections 4.2.4 and 4.1.1
const DIGEST_LENGTH = Math.ceil((DIGEST_SIZE * 4) / 3);

/** The parts of an SD-JWT payload. */
export interface Payload {
  /** Base64url digests of all disclosures, ascending. */
  readonly sd: readonly string[];
  /** Fields that the event's schema marks public. */
  readonly publicData: JsonObject;
  /** The author's SD-JWT payload, unaltered (reserved). */
  readonly intent?: JsonObject;
}

/** Whether it can name a field or a group: a letter, then at most 63 letters, digits, `_` or `-`. */
export function isFieldName(name: string): boolean {
  return NAME.test(name) && name !== INTENT;
}

/** Whether it is the base64url of a digest; which of two texts for the same bytes does not arise, as bits to spare must be zero. */
export function isDigestText(text: unknown): text is string {
  return typeof text === 'string' && text.length === DIGEST_LENGTH && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text);
}

/**
 * Takes an SD-JWT payload apart: `_sd_alg`, a sorted `_sd` without repetitions, fields; no decoys, nothing nested.
 *
 * @param withIntent whether the member `intent` must be there (else it must not)
 * @throws DomainError RECORD_MALFORMED
 */
export function parsePayload(value: JsonValue | undefined, withIntent: boolean): Payload {
  if (!isObject(value)) throw broken('data', 'must be an object');
  const { _sd: sd, _sd_alg: algorithm, [INTENT]: intent, ...publicData } = value;
  if (algorithm !== SD_ALG) throw broken('data._sd_alg', `must be ${SD_ALG}`);
  const digests = parseDigests(sd);
  if ((intent !== undefined) !== withIntent) throw broken('data.intent', 'is there exactly where authorsig is');
  requireFields(publicData, 'data', 'RECORD_MALFORMED');
  if (intent === undefined) return { sd: digests, publicData };
  parsePayload(intent, false);
  return { sd: digests, publicData, intent: intent as JsonObject };
}

/**
 * Checks the names of an event's fields, and that no value holds a member that SD-JWT readers would act on.
 *
 * @throws DomainError `code`
 */
export function requireFields(fields: JsonObject, field: string, code: ErrorCode): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name))
      throw new DomainError(code, { field, rule: 'a field name is a letter, then letters, digits, _ or -' });
    if (holdsReserved(value)) throw new DomainError(code, { field, rule: 'must not hold members _sd, _sd_alg or ...' });
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseDigests(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value) || !value.every(isDigestText)) throw broken('data._sd', 'must be digests in base64url');
  const ascending = value.every((digest, position) => position === 0 || (value[position - 1] as string) < digest);
  if (!ascending) throw broken('data._sd', 'must ascend, without repetition');
  return value;
}

function holdsReserved(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsReserved);
  return Object.entries(value).some(([name, member]) => RESERVED.has(name) || holdsReserved(member as JsonValue));
}

function broken(field: string, rule: string): DomainError {
  return new DomainError('RECORD_MALFORMED', { field, rule });
}
