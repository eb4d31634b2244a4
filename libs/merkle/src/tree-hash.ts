import { DomainError } from '@countersign/kernel';
import { HASH_SIZE, sha256, sha256Into } from './sha256.js';

const LEAF_PREFIX = 0x00; // RFC 6962 section 2.1
const NODE_PREFIX = 0x01; // RFC 6962 section 2.1

// Scratch preimages. Hashing is synchronous and nothing here re-enters, so one of each is enough.
const nodePreimage = Buffer.alloc(1 + 2 * HASH_SIZE, NODE_PREFIX);
let leafBytes = Buffer.alloc(256, LEAF_PREFIX);
let leafPreimage = leafBytes;

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1). MUST NOT be written to. */
export const emptyRoot: Uint8Array = sha256(new Uint8Array(0));

/** Leaf hash of an entry: SHA-256(0x00 ‖ entry) (RFC 6962 section 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  return sha256(leafPreimageOf(entry));
}

/** Writes the leaf hash of an entry to `target` at `offset`; allocates no Buffer. */
export function leafHashInto(entry: Uint8Array, target: Buffer, offset: number): void {
  sha256Into(leafPreimageOf(entry), target, offset);
}

/** Entries of a log have one length, so the view is made once. */
function leafPreimageOf(entry: Uint8Array): Buffer {
  if (leafPreimage.length !== entry.length + 1) {
    if (leafBytes.length < entry.length + 1) leafBytes = Buffer.alloc(2 * entry.length + 1, LEAF_PREFIX);
    leafPreimage = leafBytes.subarray(0, entry.length + 1);
  }
  leafPreimage.set(entry, 1);
  return leafPreimage;
}

/**
 * Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
 *
 * @throws DomainError FIELD_INVALID if a child is not 32 bytes: a shifted boundary would make two pairs hash alike
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  requireHash(left, 'left');
  requireHash(right, 'right');
  nodePreimage.set(left, 1);
  nodePreimage.set(right, 1 + HASH_SIZE);
  return sha256(nodePreimage);
}

/** Replaces two adjacent hashes in `hashes`, the first at `offset`, by their node hash at `offset`. */
export function mergeAdjacent(hashes: Buffer, offset: number): void {
  hashes.copy(nodePreimage, 1, offset, offset + 2 * HASH_SIZE);
  sha256Into(nodePreimage, hashes, offset);
}

/** @throws DomainError FIELD_INVALID if it is not a 32-byte hash */
export function requireHash(value: Uint8Array, field: string): void {
  if (!(value instanceof Uint8Array) || value.length !== HASH_SIZE) {
    throw new DomainError('FIELD_INVALID', { field, rule: `a hash has ${HASH_SIZE} bytes` });
  }
}

/** Whether both are the same bytes. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.compare(left, right) === 0;
}
