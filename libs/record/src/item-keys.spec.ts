import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { rootFromLeaves, leafHash } from '@countersign/merkle';
import fc from 'fast-check';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import { HmacKey } from './hmac.js';
import { bucketOf, BUCKETS, itemKeyOf, ItemKeys, verifyBucket, type BucketProof } from './item-keys.js';
import type { ItemKeyVectors } from './vectors/key-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/item-keys.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as ItemKeyVectors;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const keys = new ItemKeys(hex(vectors.masterSecret));
const commitment = hex(vectors.commitment);
const proofs = vectors.items.map(({ bucket, secret, proof }): BucketProof => ({
  bucket,
  secret: hex(secret),
  proof: proof.map(hex),
}));

describe('ItemKeys', () => {
  it('commits to the secrets of the vectors', () => {
    expect(keys.commitment()).toEqual(commitment);
    const secrets = Array.from({ length: BUCKETS }, (_, bucket) => leafHash(keys.bucketSecret(bucket)));
    expect(rootFromLeaves(secrets)).toEqual(commitment);
  });

  it.each(vectors.items)('gives the key of $streamId', ({ streamId, bucket, secret, itemKey, proof }) => {
    expect(bucketOf(streamId)).toBe(bucket);
    expect(keys.bucketOf(streamId)).toBe(bucket);
    expect(keys.bucketProof(bucket)).toEqual({ bucket, secret: hex(secret), proof: proof.map(hex) });
    expect(keys.itemKey(streamId).toString('hex')).toBe(itemKey);
    expect(keys.itemKey(streamId).toString('hex')).toBe(itemKey);
    expect(itemKeyOf(hex(secret), streamId).toString('hex')).toBe(itemKey);
  });

  it('gives other keys under another master secret', () => {
    const others = new ItemKeys(randomBytes(32));
    for (const { streamId, itemKey } of vectors.items) expect(others.itemKey(streamId).toString('hex')).not.toBe(itemKey);
  });

  it('keeps giving right keys when its cache is full', () => {
    const fresh = new ItemKeys(hex(vectors.masterSecret));
    for (let index = 0; index < 70_000; index += 1) fresh.itemKey(`stock/Z9D/${index}`);
    for (const { streamId, itemKey } of vectors.items) expect(fresh.itemKey(streamId).toString('hex')).toBe(itemKey);
  });

  it('keeps keys side by side, and no memory that others share', () => {
    const keys = new ItemKeys(Buffer.alloc(32, 3));
    const kept = Array.from({ length: 600 }, (_, index) => keys.itemKey(`stock/Z9D/${index}`));
    expect(new Set(kept.map((key) => key.toString('hex'))).size).toBe(600);
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(2);
    expect(keys.itemKey('stock/Z9D/0')).toBe(kept[0]);
  });

  it('shows nothing of its secret when printed', () => {
    expect(`${inspect(keys, { depth: 9, showHidden: true })}${JSON.stringify(keys)}`).not.toMatch(/master|secret|[0-9a-f]{16}/i);
  });

  it('refuses another secret size and buckets that are none', () => {
    expect(codeOf(() => new ItemKeys(Buffer.alloc(31)))).toBe('FIELD_INVALID');
    for (const bucket of [-1, 0.5, BUCKETS, Number.NaN]) expect(codeOf(() => keys.bucketSecret(bucket))).toBe('FIELD_INVALID');
    expect(codeOf(() => itemKeyOf(Buffer.alloc(31), 'stock/x'))).toBe('FIELD_INVALID');
  });
});

describe('verifyBucket', () => {
  it.each(proofs)('accepts bucket $bucket', (proof) => {
    expect(proof.proof).toHaveLength(16);
    expect(codeOf(() => verifyBucket(proof, commitment))).toBeUndefined();
  });

  it.each(proofs)('refuses bucket $bucket with any bit turned', (good) => {
    const spoilt = [
      ...bitFlips(good.secret).map((secret) => ({ ...good, secret })),
      ...good.proof.flatMap((hash, at) => bitFlips(hash).map((other) => ({ ...good, proof: good.proof.with(at, other) }))),
      ...Array.from({ length: 18 }, (_, bit) => ({ ...good, bucket: good.bucket ^ (1 << bit) })),
    ];
    for (const other of spoilt) expect(codeOf(() => verifyBucket(other, commitment))).toBe('PROOF_BROKEN');
    for (const root of bitFlips(commitment)) expect(codeOf(() => verifyBucket(good, root))).toBe('PROOF_BROKEN');
  });

  it('refuses another length and a bucket beside it', () => {
    const good = proofs[0]!;
    for (const secret of lengthChanges(good.secret))
      expect(codeOf(() => verifyBucket({ ...good, secret }, commitment))).toBe('FIELD_INVALID');
    const lengths = [good.proof.slice(1), good.proof.slice(0, -1), [...good.proof, good.proof[0]!], []];
    for (const proof of lengths) expect(codeOf(() => verifyBucket({ ...good, proof }, commitment))).toBe('PROOF_BROKEN');
    for (const bucket of [good.bucket + 1, good.bucket - 1, -1, BUCKETS]) {
      expect(codeOf(() => verifyBucket({ ...good, bucket }, commitment))).toBe('PROOF_BROKEN');
    }
  });
});

describe('HmacKey', () => {
  it('agrees with Node', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 150, size: 'max' }),
        fc.uint8Array({ maxLength: 300, size: 'max' }),
        (key, message) => {
          expect(new HmacKey(key).digest(message)).toEqual(createHmac('sha256', key).update(message).digest());
        },
      ),
    );
  });
});
