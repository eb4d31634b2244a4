import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@countersign/kernel';
import { claimDigest, claimObject, parseClaim } from './claim.js';
import { bitFlips, codeOf } from './corruption.builders.js';
import type { ClaimVector } from './vectors/key-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/claims.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as ClaimVector[];
const claim = parseClaim(vectors[0]!.claim);

describe('claims', () => {
  it.each(vectors)('have the digest $digest', ({ claim: object, digest }) => {
    expect(claimDigest(parseClaim(object)).toString('hex')).toBe(digest);
    expect(claimObject(parseClaim(object))).toEqual(object);
  });

  it('have another digest with any bit of any part turned', () => {
    for (const part of ['salt', 'agreement', 'line', 'condition'] as const) {
      for (const bytes of bitFlips(claim[part])) {
        expect(claimDigest({ ...claim, [part]: bytes }).toString('hex')).not.toBe(vectors[0]!.digest);
      }
    }
    for (const change of [{ chainId: `${claim.chainId} ` }, { contractId: '' }, { value: !claim.value }]) {
      expect(claimDigest({ ...claim, ...change }).toString('hex')).not.toBe(vectors[0]!.digest);
    }
  });

  it('cannot move a boundary between chain and contract', () => {
    const [one, other] = [
      { chainId: 'ab', contractId: 'c' },
      { chainId: 'a', contractId: 'bc' },
    ].map((ids) => claimDigest({ ...claim, ...ids }));
    expect(one).not.toEqual(other);
  });

  it('are refused with parts of another length', () => {
    for (const part of ['salt', 'agreement', 'line', 'condition'] as const) {
      expect(codeOf(() => claimDigest({ ...claim, [part]: Buffer.alloc(31) }))).toBe('FIELD_INVALID');
    }
  });

  it.each<[string, JsonObject]>([
    ['a missing member', { line: undefined as unknown as string }],
    ['a further member', { note: 'x' }],
    ['a salt of 31 bytes', { salt: Buffer.alloc(31).toString('base64url') }],
    ['a value as text', { value: 'true' }],
    ['a value as number', { value: 1 }],
    ['an empty chain', { chain: '' }],
    ['a contract that is no text', { contract: 7 }],
  ])('are refused: %s', (_, change) => {
    const object = Object.fromEntries(
      Object.entries({ ...vectors[0]!.claim, ...change }).filter(([, value]) => value !== undefined),
    );
    expect(codeOf(() => parseClaim(object))).toBe('RECORD_MALFORMED');
  });
});
