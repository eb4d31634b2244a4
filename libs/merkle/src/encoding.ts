import { DomainError, type ErrorCode } from '@countersign/kernel';

/**
 * Bytes of a standard base64 text with padding; only the one text that re-encodes to itself is accepted (formats: no variants).
 *
 * @throws DomainError `code`, by default FIELD_INVALID
 */
export function decodeBase64(text: string, field: string, code: ErrorCode = 'FIELD_INVALID'): Buffer {
  const bytes = decode(text, 'base64');
  if (bytes === undefined) throw new DomainError(code, { field, rule: 'must be padded base64 in its one form' });
  return bytes;
}

/**
 * Bytes of a base64url text without padding; only the one text that re-encodes to itself is accepted.
 *
 * @param size how many bytes it must hold
 * @throws DomainError `code`, by default FIELD_INVALID
 */
export function decodeBase64Url(text: string, size: number, field: string, code: ErrorCode = 'FIELD_INVALID'): Buffer {
  const bytes = decode(text, 'base64url');
  if (bytes?.length !== size)
    throw new DomainError(code, { field, rule: `must be unpadded base64url of ${size} bytes in its one form` });
  return bytes;
}

/** Unpadded base64url. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url');
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decode(text: string, encoding: 'base64' | 'base64url'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  // Node's decoder takes both alphabets, skips foreign characters and ignores spare bits; re-encoding refuses all of it.
  return bytes.toString(encoding) === text ? bytes : undefined;
}
