import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TERMS } from './agreement.builders.js';
import { evaluationDigest, termsBytes, termsDigest } from './digests.js';

/** The terms as RFC 8785 orders them, written out by hand. */
const CANONICAL =
  '{"buyerDodaac":"W99CT1","conditions":[{"standard":"AQAP-2131","type":"CoCValid"},{"type":"UiiSetMatches"},' +
  '{"type":"NoOpenDiscrepancy"},{"type":"CustodyUnbroken"},{"over":0,"type":"QuantityWithin","under":0}],' +
  '"lines":[{"clin":"0001","nsn":"6615129999901","partNumber":"IMU7700-3","quantity":4,"unitOfIssue":"EA",' +
  '"unitPrice":{"amount":"48250.00","currency":"EUR"}}],"piid":"W99CT126C0017","supplierCage":"D9X91"}';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

describe('digests', () => {
  it('of the terms are over their canonical JSON', () => {
    expect(termsBytes(TERMS).toString()).toBe(CANONICAL);
    expect(termsDigest(TERMS)).toBe(sha256(`countersign/terms/v1\0${CANONICAL}`));
  });

  it('change with any word of the terms', () => {
    const [, ...conditions] = TERMS.conditions;
    expect(termsDigest({ ...TERMS, conditions })).not.toBe(termsDigest(TERMS));
    expect(termsDigest({ ...TERMS, buyerDodaac: 'W99CT2' })).not.toBe(termsDigest(TERMS));
  });

  it('of an evaluation have a prefix of their own', () => {
    expect(evaluationDigest({ b: 1, a: 'x' })).toBe(sha256('countersign/evaluation/v1\0{"a":"x","b":1}'));
  });
});
