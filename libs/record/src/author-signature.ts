import type { JsonObject } from '@countersign/kernel';
import { canonicalJson } from './canonical-json.js';
import { malformed } from './refusal.js';
import { domainPrefix } from './suite.js';

const PREFIX = domainPrefix('author');

/** What an author signs on his own device (formats §4). Reserved: specified, not yet made or verified. */
export interface AuthoredIntent {
  readonly origin: string;
  readonly streamId: string;
  readonly commandId: string;
  readonly commandType: string;
  /** RFC 3339 with an offset. */
  readonly issuedTime: string;
  /** SD-JWT payload, salted by the author's own client. */
  readonly intent: JsonObject;
}

/** The bytes an author signs: `countersign/author/v1\0` ‖ canonical JSON of the six members. */
export function authorMessage({ origin, streamId, commandId, commandType, issuedTime, intent }: AuthoredIntent): Buffer {
  return Buffer.concat([PREFIX, canonicalJson({ origin, streamId, commandId, commandType, issuedTime, intent })]);
}

/** The parts of the header field `authorsig`. */
export interface AuthorSignature {
  readonly keyId: string;
  readonly algorithm: 'EdDSA';
  readonly signature: Buffer;
}

/**
 * Splits `authorsig`, `<kid>.EdDSA.<signature>`, which `parseHeader` has found well formed.
 *
 * @throws DomainError RECORD_MALFORMED
 */
export function parseAuthorSignature(text: string): AuthorSignature {
  const [keyId, algorithm, signature, ...rest] = text.split('.');
  if (keyId === undefined || algorithm !== 'EdDSA' || signature === undefined || rest.length > 0) {
    throw malformed('authorsig', 'must be <kid>.EdDSA.<signature in base64url>');
  }
  return { keyId, algorithm, signature: Buffer.from(signature, 'base64url') };
}
