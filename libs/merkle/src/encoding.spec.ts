import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusalOf } from './corruption.builders.js';
import { asBuffer, decodeBase64, decodeBase64Url, encodeBase64Url } from './encoding.js';

describe('base64', () => {
  it('gives the bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70, size: 'max' }), (bytes) => {
        expect(decodeBase64Url(encodeBase64Url(bytes), bytes.length, 'x')).toEqual(Buffer.from(bytes));
        expect(decodeBase64(Buffer.from(bytes).toString('base64'), 'x')).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('accepts a text only if it is the one of its bytes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const bytes = Buffer.from(text, 'base64');
        expect(refusalOf(() => decodeBase64(text, 'x')) === undefined).toBe(bytes.toString('base64') === text);
      }),
    );
  });

  it.each(['AB==', 'AA', 'AA=', 'AA===', 'A A=', 'AA==\n', '-_==', 'A'])('refuses %j as base64', (text) => {
    expect(refusalOf(() => decodeBase64(text, 'x'))).toBe('FIELD_INVALID');
  });

  it.each(['AB', 'AA==', 'A', '+/', 'A A', 'AAA'])('refuses %j as base64url of one byte', (text) => {
    expect(refusalOf(() => decodeBase64Url(text, 1, 'x'))).toBe('FIELD_INVALID');
  });

  it('names the code it is asked to', () => {
    expect(refusalOf(() => decodeBase64('x', 'x', 'NOTE_MALFORMED'))).toBe('NOTE_MALFORMED');
    expect(refusalOf(() => decodeBase64Url('x', 1, 'x', 'RECORD_MALFORMED'))).toBe('RECORD_MALFORMED');
  });
});

describe('asBuffer', () => {
  it('shares the memory of a view', () => {
    const memory = new Uint8Array([1, 2, 3, 4]);
    const view = asBuffer(memory.subarray(1, 3));
    memory[1] = 9;
    expect([...view]).toEqual([9, 3]);
  });
});
