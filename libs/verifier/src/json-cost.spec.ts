import { describe, expect, it } from '@jest/globals';
import { exceedsLimits } from './json-cost.js';
import { hasRepeatedMember } from './repeated-member.js';

const LIMITS = { depthMax: 2, partsMax: 4 };

describe('the cost of a JSON text', () => {
  it.each([
    ['as deep as allowed', '[[0]]', false],
    ['deeper', '[[[0]]]', true],
    ['objects count too', '{"a":{"b":{}}}', true],
    ['as many parts as allowed', '[0,0,0,0]', false],
    ['a part more', '[0,0,0,0,0]', true],
    ['brackets and commas in a text', '["[[[,,,,,,"]', false],
    ['behind an escaped quote', '["\\"[[[,,,,,"]', false],
    ['behind an escaped backslash', '["\\\\",[[0]]]', true],
    ['a text without end', '"[[[,,,,,', false],
    ['one after the other', '[[],[]]', false],
  ])('%s', (_name, text, exceeds) => {
    expect(exceedsLimits(Buffer.from(text), LIMITS)).toBe(exceeds);
  });
});

describe('a repeated member', () => {
  it.each([
    ['once', '{"a":1,"b":[{"a":2}]}', false],
    ['twice', '{"a":1,"a":1}', true],
    ['twice, spaced and escaped', '{"a" : 1, "\\u0061"\n:2}', true],
    ['twice, deep inside', '{"a":[{"b":{},"b":{}}]}', true],
    ['a text that looks like one', '{"a":"\\"a\\":1"}', false],
  ])('%s', (_name, text, repeated) => {
    expect(hasRepeatedMember(text, JSON.parse(text))).toBe(repeated);
  });
});
