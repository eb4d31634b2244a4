import { hash } from 'node:crypto';

/** Bytes of every digest of suite 1. */
export const HASH_SIZE = 32;

/** SHA-256 of the bytes. */
export function sha256(input: Uint8Array): Buffer {
  // A latin1 (to Node's types: binary) string copied into Node's buffer pool costs half of what a freshly allocated digest Buffer costs.
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1');
}

/** Writes SHA-256 of `input` to `target` at `offset`; allocates no Buffer. `input` may overlap the target. */
export function sha256Into(input: Uint8Array, target: Buffer, offset: number): void {
  target.write(hash('sha256', input, 'binary'), offset, HASH_SIZE, 'latin1');
}
