import { hash } from 'node:crypto';

const BLOCK_SIZE = 64;
const PREFIX = Buffer.from('countersign/request/v1\0');

/**
 * HMAC-SHA-256 (RFC 2104) over the domain prefix and a request, from two one-shot hashes: an HMAC object per command would cost
 * as much as sealing half a record. Keyed, so that the database does not let anybody test guesses of what was asked (formats §2).
 *
 * @param key 32 bytes
 */
export function requestDigests(key: Uint8Array): (request: Uint8Array) => Buffer {
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  return (request) => {
    const digest = hash('sha256', Buffer.concat([inner, PREFIX, request]), 'buffer');
    return hash('sha256', Buffer.concat([outer, digest]), 'buffer');
  };
}

function padded(key: Uint8Array, byte: number): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE, byte);
  for (const [index, value] of key.entries()) block[index] = value ^ byte;
  return block;
}
