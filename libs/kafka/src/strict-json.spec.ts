import { describe, expect, it } from '@jest/globals';
import { DomainError, type JsonValue } from '@countersign/kernel';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

function ruleOf(text: string | Buffer): string | undefined {
  try {
    parseStrictJson(typeof text === 'string' ? bytes(text) : text);
  } catch (error) {
    expect((error as DomainError).code).toBe('SCHEMA_INVALID');
    return (error as DomainError).detail.rule ?? '';
  }
  return undefined;
}

describe('Strict JSON', () => {
  it.each([
    ['{"a":1,"b":[true,false,null],"c":{"d":"e"}}', { a: 1, b: [true, false, null], c: { d: 'e' } }],
    [' \t\n\r{ "a" : [ ] } ', { a: [] }],
    ['"\\u0041\\n\\"\\\\\\/\\b\\f\\r\\t\\uD83D\\uDE00"', 'A\n"\\/\b\f\r\t😀'],
    ['{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['0', 0],
    ['"é"', 'é'],
  ] as [string, JsonValue][])('reads %s', (text, value) => {
    expect(parseStrictJson(bytes(text))).toEqual(value);
  });

  it.each([
    ['a member named twice', '{"a":1,"a":1}'],
    ['a member named twice by an escape', '{"a":1,"\\u0061":1}'],
    ['__proto__', '{"__proto__":{"a":1}}'],
    ['a decimal', '{"a":1.5}'],
    ['an exponent', '1e3'],
    ['1.0', '1.0'],
    ['minus zero', '-0'],
    ['an integer above 2^53-1', '9007199254740992'],
    ['1e999', '1e999'],
    ['a leading zero', '007'],
    ['a plus sign', '+1'],
    ['a hexadecimal number', '0x10'],
    ['NaN', 'NaN'],
    ['a trailing comma', '{"a":1,}'],
    ['a trailing comma in a list', '[1,]'],
    ['a comment', '{"a":1}//x'],
    ['a second value', '{} {}'],
    ['nothing', ''],
    ['blanks only', '  '],
    ['single quotes', "{'a':1}"],
    ['an open object', '{"a":1'],
    ['an open string', '"abc'],
    ['a bare control character', '"a\nb"'],
    ['a lone surrogate', '"\\ud800"'],
    ['a reversed pair', '"\\ude00\\ud83d"'],
    ['a cut escape', '"\\u12"'],
    ['an unknown escape', '"\\x41"'],
    ['a word that is none', 'tru'],
    ['a byte order mark', '\uFEFF{}'],
    ['a non-JSON blank', '\u00a0{}'],
  ])('refuses %s', (_name, text) => {
    expect(ruleOf(text)).toBeDefined();
  });

  it('refuses bytes that are not UTF-8, and UTF-16', () => {
    expect(ruleOf(Buffer.from([0x22, 0xff, 0x22]))).toBe('must be UTF-8');
    expect(ruleOf(Buffer.from([0x22, 0xc0, 0x80, 0x22]))).toBe('must be UTF-8');
    expect(ruleOf(Buffer.from('{"a":1}', 'utf16le'))).toBeDefined();
  });

  it('refuses deep nesting in bounded time', () => {
    expect(ruleOf('['.repeat(100_000))).toContain('levels');
    expect(ruleOf('{"a":'.repeat(100_000))).toContain('levels');
    expect(ruleOf('['.repeat(32) + ']'.repeat(32))).toBeUndefined();
  });

  it('says which member is named twice, but repeats no other text', () => {
    expect(() => parseStrictJson(bytes('{"quantity":1,"quantity":2}'))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ field: 'quantity' }) }),
    );
    expect(() => parseStrictJson(bytes('{"a b=c":1,"a b=c":2}'))).toThrow(
      expect.objectContaining({ detail: { rule: 'must not name a member twice' } }),
    );
  });

  it('agrees with JSON.parse on what it accepts, and never throws anything but its refusal', () => {
    const value = fc.letrec<{ node: JsonValue }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          tie('node'),
          { noNullPrototype: true },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (sample, indent) => {
        expect(parseStrictJson(bytes(JSON.stringify(sample, null, indent)))).toEqual(sample);
      }),
    );
    // A space before it is read with care; both ways come to the same value, or the same refusal.
    const any = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '😀', '\ud800') }),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(fc.constantFrom('a', 'b', '1', '0', '__proto__', '\ud800'), tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(any, (sample) => {
        const text = JSON.stringify(sample);
        const rule = ruleOf(text);
        expect(ruleOf(` ${text}`)).toBe(rule);
        if (rule === undefined) expect(parseStrictJson(bytes(text))).toEqual(parseStrictJson(bytes(` ${text}`)));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const rule = ruleOf(text);
        if (rule === undefined) expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});
