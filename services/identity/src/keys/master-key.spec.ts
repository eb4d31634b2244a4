import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codeOf } from '@countersign/testing';
import { createFileMasterKey } from './master-key.js';

const secret = randomBytes(32);
const masterKey = createFileMasterKey(secret);
const keyId = randomBytes(16);
const key = randomBytes(32);

describe('the master key', () => {
  it('wraps a key so that it opens again, each time differently', async () => {
    const wrapped = await masterKey.wrap(keyId, key);
    expect(wrapped).toHaveLength(61);
    expect(await masterKey.unwrap(keyId, wrapped)).toEqual(key);
    expect(await masterKey.wrap(keyId, key)).not.toEqual(wrapped);
    expect(wrapped.includes(key)).toBe(false);
  });

  it('opens nothing under another id, with another master key, or with any bit changed', async () => {
    const wrapped = await masterKey.wrap(keyId, key);
    expect(await codeOf(() => masterKey.unwrap(randomBytes(16), wrapped))).toBe('RECORD_ALTERED');
    expect(await codeOf(() => createFileMasterKey(randomBytes(32)).unwrap(keyId, wrapped))).toBe('RECORD_ALTERED');
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const changed = Buffer.from(wrapped);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await codeOf(() => masterKey.unwrap(keyId, changed))).toBe('RECORD_ALTERED');
    }
    for (const length of [0, 1, 28, 60])
      expect(await codeOf(() => masterKey.unwrap(keyId, wrapped.subarray(0, length)))).toBe('RECORD_ALTERED');
  });

  it('is recognised by a fingerprint that tells nothing else', () => {
    expect(masterKey.fingerprint).toEqual(createFileMasterKey(secret).fingerprint);
    expect(masterKey.fingerprint).not.toEqual(createFileMasterKey(randomBytes(32)).fingerprint);
  });
});
