import { describe, expect, it } from '@jest/globals';
import { parseSscc } from './sscc.js';

const VALID = ['340123450000004176', '106141412345623458'];

describe('SSCC', () => {
  it.each(VALID)('takes %s', (sscc) => {
    expect(parseSscc(sscc, 'sscc')).toBe(sscc);
  });

  it.each(
    VALID.flatMap((sscc) => [...sscc].map((digit, at) => sscc.slice(0, at) + ((Number(digit) + 1) % 10) + sscc.slice(at + 1))),
  )('refuses %s, one digit off', (sscc) => {
    expect(() => parseSscc(sscc, 'sscc')).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
  });

  it.each(['', '34012345000000417', '3401234500000041760', '34012345000000417A', '３40123450000004176'])('refuses %p', (sscc) => {
    expect(() => parseSscc(sscc, 'sscc')).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
  });
});
