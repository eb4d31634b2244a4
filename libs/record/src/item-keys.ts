import { leafHash, sha256, verifyInclusion } from '@countersign/merkle';
import { BucketTree } from './bucket-tree.js';
import { HmacKey } from './hmac.js';
import { invalid, requireSize } from './refusal.js';
import { domainPrefix } from './suite.js';

/** A bucket is 16 bits of a stream id's hash. */
export const BUCKETS = 65_536;
const SECRET_SIZE = 32;
const CACHED_MAX = 65_536;
/** Room for the next kept item keys. */
const SLAB_BYTES = 16_384;

const ITEM_PREFIX = domainPrefix('item');
const BUCKET_PREFIX = domainPrefix('bucket');
const SECRET_PREFIX = domainPrefix('item-bucket');

/** What a bundle discloses so that a reader can recompute the keys of the items it shows, and of no others but by guessing in this bucket. */
export interface BucketProof {
  readonly bucket: number;
  readonly secret: Buffer;
  /** RFC 6962 inclusion proof of the secret as entry `bucket` of 65,536, deepest first. */
  readonly proof: readonly Buffer[];
}

/** The keyed pseudonyms of a log's streams (formats §5). Holds the log's item master secret: never log it, never send it. */
export class ItemKeys {
  readonly #extracted: HmacKey;
  readonly #cached = new Map<string, Buffer>();
  #slab = Buffer.alloc(0);
  #tree: BucketTree | undefined;

  /** @param masterSecret 32 random bytes */
  constructor(masterSecret: Uint8Array) {
    requireSize(masterSecret, SECRET_SIZE, 'masterSecret');
    // HKDF-Extract without salt, RFC 5869 section 2.2.
    this.#extracted = new HmacKey(new HmacKey(new Uint8Array(SECRET_SIZE)).digest(masterSecret));
  }

  /** HMAC-SHA-256(s_b, `countersign/item/v1\0` ‖ stream id). Cached. */
  itemKey(streamId: string): Buffer {
    const known = this.#cached.get(streamId);
    if (known !== undefined) return known;
    const key = this.#toKeep(itemKeyOf(this.bucketSecret(bucketOf(streamId)), streamId));
    if (this.#cached.size >= CACHED_MAX) this.#cached.clear();
    this.#cached.set(streamId, key);
    return key;
  }

  /** A small Buffer is a piece of a slab that Node shares among all: kept, it would keep the whole slab, 250 times its size. */
  #toKeep(key: Buffer): Buffer {
    if (this.#slab.length < key.length) this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    const kept = this.#slab.subarray(0, key.length);
    this.#slab = this.#slab.subarray(key.length);
    key.copy(kept);
    return kept;
  }

  bucketOf(streamId: string): number {
    return bucketOf(streamId);
  }

  /** s_b = HKDF-SHA-256(master secret, no salt, `countersign/item-bucket/v1\0` ‖ b as 2 bytes), 32 bytes. */
  bucketSecret(bucket: number): Buffer {
    requireBucket(bucket);
    // HKDF-Expand's only block, RFC 5869 section 2.3: info, then the counter 1.
    const info = Buffer.from([bucket >> 8, bucket & 0xff, 0x01]);
    return this.#extracted.digest(Buffer.concat([SECRET_PREFIX, info]));
  }

  /** RFC 6962 root over all 65,536 secrets, which the registration names. The first call takes some 200 ms. */
  commitment(): Buffer {
    return this.#commitmentTree().root();
  }

  bucketProof(bucket: number): BucketProof {
    return { bucket, secret: this.bucketSecret(bucket), proof: this.#commitmentTree().proof(bucket) };
  }

  #commitmentTree(): BucketTree {
    return (this.#tree ??= new BucketTree(BUCKETS, (bucket) => this.bucketSecret(bucket)));
  }
}

/** The first 16 bits of SHA-256(`countersign/bucket/v1\0` ‖ stream id). */
export function bucketOf(streamId: string): number {
  return sha256(Buffer.concat([BUCKET_PREFIX, Buffer.from(streamId)])).readUInt16BE(0);
}

/** Item key from a disclosed bucket secret; the caller MUST have checked the bucket's proof and that it is this stream's bucket. */
export function itemKeyOf(bucketSecret: Uint8Array, streamId: string): Buffer {
  requireSize(bucketSecret, SECRET_SIZE, 'bucketSecret');
  return new HmacKey(bucketSecret).digest(Buffer.concat([ITEM_PREFIX, Buffer.from(streamId)]));
}

/**
 * Proves that a bucket's secret is the one the registration committed to.
 *
 * @throws DomainError PROOF_BROKEN, FIELD_INVALID
 */
export function verifyBucket({ bucket, secret, proof }: BucketProof, commitment: Uint8Array): void {
  requireSize(secret, SECRET_SIZE, 'secret');
  verifyInclusion({ leafHash: leafHash(secret), index: bucket, size: BUCKETS, proof, root: commitment });
}

function requireBucket(bucket: number): void {
  if (!Number.isInteger(bucket) || bucket < 0 || bucket >= BUCKETS) throw invalid('bucket', 'must be within 0 … 65535');
}
