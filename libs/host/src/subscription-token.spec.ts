import { randomBytes } from 'node:crypto';

import { codeOf } from '@countersign/testing';
import { describe, expect, it } from '@jest/globals';

import { ResumeTokens } from './subscription-token.js';

const LOG = { logId: randomBytes(32), requestDigestKey: randomBytes(32) };
const ENTRY = randomBytes(105);
const tokens = new ResumeTokens(LOG, 'filter');
const token = tokens.seal(7n, ENTRY);

describe('a resume token', () => {
  it('says where to go on, and behind which record', () => {
    const point = tokens.open(token);
    expect(point.next).toBe(7n);
    expect([point.follows(ENTRY), point.follows(randomBytes(105)), point.follows(undefined)]).toEqual([true, false, false]);
    expect(tokens.open(tokens.seal(0n, undefined)).follows(undefined)).toBe(true);
  });

  it('is good in another process of the service, and fits the contract', () => {
    expect(new ResumeTokens({ ...LOG }, 'filter').open(token).next).toBe(7n);
    expect(token).toMatch(/^[\w-]{1,256}$/);
  });

  it('shows nothing of the record before it', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at + 8 <= ENTRY.length; at += 1) expect(bytes.includes(ENTRY.subarray(at, at + 8))).toBe(false);
    expect(new ResumeTokens({ ...LOG, requestDigestKey: randomBytes(32) }, 'filter').seal(7n, ENTRY)).not.toBe(token);
  });

  const rules: Record<string, [text: string, reader: ResumeTokens]> = {
    'not a resume token': [`${token}A`, tokens],
    'a token of another log': [token, new ResumeTokens({ ...LOG, logId: randomBytes(32) }, 'filter')],
    'not a token that this log gave': [token, new ResumeTokens({ ...LOG, requestDigestKey: randomBytes(32) }, 'filter')],
    'a token for another filter, or of a reader of another organisation or kind': [token, new ResumeTokens(LOG, 'other')],
  };
  it.each(Object.entries(rules))('is refused: %s', async (rule, [text, reader]) => {
    const refused = (): unknown => reader.open(text);
    expect(refused).toThrow(expect.objectContaining({ code: 'RESUME_TOKEN_INVALID', detail: { field: 'resume_token', rule } }));
    expect(await codeOf(async () => Promise.resolve().then(refused))).toBe('RESUME_TOKEN_INVALID');
  });

  it.each([
    '',
    '.',
    token.slice(0, -1),
    `${token}=`,
    token.replace(/.$/, '*'),
    ` ${token}`,
    token.toLowerCase(),
    'A'.repeat(119),
  ])('is no text like %j', (text) => {
    expect(() => tokens.open(text)).toThrow(expect.objectContaining({ code: 'RESUME_TOKEN_INVALID' }));
  });

  it('cannot be changed in a single bit', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => tokens.open(changed.toString('base64url'))).toThrow(expect.objectContaining({ code: 'RESUME_TOKEN_INVALID' }));
    }
  });
});
