import { DomainError, parseUii, type JsonObject, type JsonValue } from '@countersign/kernel';

/** A list of UIIs in another service's record. @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseUiis(value: JsonValue | undefined, field: string): readonly string[] {
  if (!Array.isArray(value)) throw new DomainError('FIELD_INVALID', { field, rule: 'a list of UIIs' });
  return value.map((uii, index) => parseUii(uii, `${field}[${index}]`));
}

/** @throws DomainError FIELD_MISSING, FIELD_INVALID */
export function parseYear(value: JsonValue | undefined, field: string): number {
  if (value === undefined) throw new DomainError('FIELD_MISSING', { field });
  if (typeof value !== 'number' || value < 1960 || value > 2999) {
    throw new DomainError('FIELD_INVALID', { field, rule: 'a full year' });
  }
  return value;
}

/** A principal's id in another service's record. @throws DomainError FIELD_MISSING */
export function parsePrincipal(value: JsonValue | undefined, field: string): string {
  if (typeof value !== 'string' || value === '') throw new DomainError('FIELD_MISSING', { field });
  return value;
}

/** The record that a reversal names. `recordDigest`: 64 hex digits. */
export interface NamedOriginal {
  readonly type: string;
  readonly recordDigest: string;
}

/** @throws DomainError FIELD_INVALID */
export function parseOriginal(value: JsonValue | undefined, field: string): NamedOriginal {
  const { type, recordDigest } = isObject(value) ? value : {};
  if (typeof type !== 'string' || typeof recordDigest !== 'string' || !/^[\w-]{43}$/.test(recordDigest)) {
    throw new DomainError('FIELD_INVALID', { field, rule: 'type and record digest of the original' });
  }
  return { type, recordDigest: Buffer.from(recordDigest, 'base64url').toString('hex') };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
