/** The only suite so far: SHA-256, Ed25519, AES-256-GCM, HKDF-SHA-256. A log keeps its suite for life. */
export const SUITE = '1';

export const DIGEST_SIZE = 32;
export const SALT_SIZE = 32;
export const ITEM_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;
export const UNIT_KEY_SIZE = 32;
export const KEY_ID_SIZE = 16;
export const NONCE_SIZE = 12;
export const TAG_SIZE = 16;

/** The largest unsigned 64-bit integer. */
export const U64_MAX = 2n ** 64n - 1n;

/** Bytes in front of everything that is hashed or signed for one use, so that no two uses share a preimage (formats §1). */
export function domainPrefix(use: string): Buffer {
  return Buffer.from(`countersign/${use}/v1\0`);
}

/** Unsigned big endian, 8 bytes. `value` MUST be within 0 … 2^64 − 1. */
export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
