import { isTimestamp } from '@countersign/record';
import { list, text, type Reader } from './strict-reader.js';

/** base64 (RFC 4648 §4, padded) that re-encodes to the same text, of exactly `size` bytes. */
export const bytesOf = (size: number): Reader<string> =>
  text(`must be canonical base64 of ${size} bytes`, (value) => base64Size(value, 4 * Math.ceil(size / 3)) === size);

/** base64 of any bytes. */
export const bytesUpTo = (charactersMax: number): Reader<string> =>
  text(`must be canonical base64 of at most ${charactersMax} characters`, (value) => base64Size(value, charactersMax) > 0);

export const hash = bytesOf(32);

/** A proof has at most as many hashes as a tree of 2^64 leaves is deep. */
export const path = list(hash, 64);

export const hex32 = text('must be 32 bytes in lower-case hex', (value) => /^[0-9a-f]{64}$/.test(value));

/** Unsigned integer in decimal, no leading zero, small enough to be exact. */
export const decimal = text('must be a decimal integer without leading zeros, below 2^53', isDecimal);

export const decimalFrom1 = text('must be a decimal integer from 1, below 2^53', (value) => value !== '0' && isDecimal(value));

/** What is printed for people holds nothing that a terminal would act on. */
export const printable = (max: number): Reader<string> =>
  text(`must be 1 to ${max} printable ASCII characters`, (value) => value.length <= max && /^[ -~]+$/.test(value));

export const time = text('must be an RFC 3339 time with an offset', isTimestamp);

export const upTo = (charactersMax: number): Reader<string> =>
  text(`must be a text of at most ${charactersMax} characters`, (value) => value.length <= charactersMax);

export const matching = (pattern: RegExp): Reader<string> => text(`must match ${pattern.source}`, (value) => pattern.test(value));

/** Bytes of a text that a reader of this file has found to be base64. */
export function decoded(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

function isDecimal(value: string): boolean {
  return /^(0|[1-9][0-9]{0,15})$/.test(value) && Number.isSafeInteger(Number(value));
}

/** How many bytes a base64 text holds; 0 if it is too long or not in its one form. */
function base64Size(value: string, charactersMax: number): number {
  if (value.length > charactersMax) return 0;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes.length : 0;
}
