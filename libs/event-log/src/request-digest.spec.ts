import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { requestDigests } from './request-digest.js';

describe('A request digest', () => {
  it.each([0, 1, 63, 64, 5000])('is the HMAC-SHA-256 of prefix and request (%d bytes)', (size) => {
    const key = randomBytes(32);
    const request = randomBytes(size);
    const expected = createHmac('sha256', key).update('countersign/request/v1\0').update(request).digest();
    expect(requestDigests(key)(request)).toEqual(expected);
  });
});
