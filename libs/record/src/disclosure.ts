import type { JsonObject } from '@countersign/kernel';
import { encodeBase64Url, sha256 } from '@countersign/merkle';
import { canonicalJson, parseCanonical } from './canonical-json.js';
import { isDigestText, isFieldName, isObject, requireFields } from './payload.js';
import { invalid, malformed, requireSize } from './refusal.js';
import { SALT_SIZE } from './suite.js';

/** The confidential fields of one group, readable. */
export interface Disclosure {
  readonly group: string;
  readonly object: JsonObject;
  /** The disclosure itself: what SD-JWT libraries read and what its digest is of. */
  readonly encoded: string;
  /** SHA-256 of `encoded`; stands in the header's `_sd`. */
  readonly digest: Buffer;
}

/**
 * Makes an SD-JWT disclosure (RFC 9901 section 4.2.1): base64url of the canonical `[salt, group, object]`.
 *
 * @param salt 32 fresh random bytes
 * @throws DomainError FIELD_INVALID
 */
export function createDisclosure(salt: Uint8Array, group: string, object: JsonObject): Disclosure {
  requireSize(salt, SALT_SIZE, 'salt');
  if (!isFieldName(group)) throw invalid(group, 'a group name is a letter, then letters, digits, _ or -');
  requireFields(object, group, 'FIELD_INVALID');
  const encoded = canonicalJson([encodeBase64Url(salt), group, object]).toString('base64url');
  return { group, object, encoded, digest: disclosureDigest(encoded) };
}

/**
 * Reads a disclosure in its one form.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function parseDisclosure(encoded: string): Disclosure {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw malformed('disclosure', 'must be unpadded base64url in its one form');
  const value = parseCanonical(bytes);
  if (!Array.isArray(value) || value.length !== 3) throw malformed('disclosure', 'must be [salt, group, object]');
  const [salt, group, object] = value;
  if (!isDigestText(salt)) throw malformed('disclosure', `the salt must be base64url of ${SALT_SIZE} bytes`);
  if (typeof group !== 'string' || !isFieldName(group)) throw malformed('disclosure', 'the group must be a field name');
  if (!isObject(object) || Object.keys(object).length === 0) throw malformed('disclosure', 'must hold at least one field');
  requireFields(object, 'disclosure', 'RECORD_MALFORMED');
  return { group, object, encoded, digest: disclosureDigest(encoded) };
}

/** RFC 9901 section 4.2.3: the digest is of the base64url text, not of what it encodes. */
export function disclosureDigest(encoded: string): Buffer {
  return sha256(Buffer.from(encoded, 'latin1'));
}
