import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@countersign/kernel';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, canonicalText, parseCanonical } from './canonical-json.js';
import { bitFlips, codeOf } from './corruption.builders.js';
import type { CanonicalVectors } from './vectors/canonical-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/canonical-json.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as CanonicalVectors;

/** Outputs as RFC 8785 prints them, so that they do not come from our own code. */
const PUBLISHED: Readonly<Record<string, string>> = {
  'RFC 8785 section 3.2.2: string escapes': String.raw`"€$\u000f\nA'B\"\\\\\"/"`,
  'RFC 8785 section 3.2.2: literals': '[null,true,false]',
  'RFC 8785 section 3.2.3: sorting of names':
    String.raw`{"\r":"Carriage Return","1":"One","` +
    '\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face",' +
    '"\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  'RFC 8785 appendix B: zero': '0',
  'RFC 8785 appendix B: minus zero': '0',
  'RFC 8785 test data: structures': String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
};

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), tie('value'), { maxKeys: 5 }),
  ),
})).value;

describe('canonicalJson', () => {
  it.each(vectors.accepted)('writes $name', ({ name, json: text, canonical }) => {
    expect(canonicalText(JSON.parse(text) as JsonValue)).toBe(canonical);
    expect(canonical).toBe(PUBLISHED[name] ?? canonical);
  });

  it('finds every published output in the vectors', () => {
    const names = vectors.accepted.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(PUBLISHED)));
  });

  it('agrees with another implementation, and reads back what it wrote', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = canonicalJson(value);
        expect(bytes.toString()).toBe(canonicalize(value));
        expect(canonicalJson(parseCanonical(bytes))).toEqual(bytes);
      }),
    );
  });

  it('writes every shape of object the same, the first time, the next time, and after many others', () => {
    const names = ['b', 'a', '\u20ac', '"', 'B', 'aa', ''];
    const shapes = Array.from({ length: 200 }, (_, index) => {
      const rotated = [...names.slice(index % 7), ...names.slice(0, index % 7)];
      return Object.fromEntries([...rotated, `n${index % 30}`].map((name, at) => [name, at]));
    });
    for (const shape of [...shapes, ...shapes]) expect(canonicalText(shape)).toBe(canonicalize(shape));
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`n${(index * 37) % 60}`, index]));
    expect(canonicalText(wide)).toBe(canonicalize(wide));
    expect(canonicalText({ b: 1, a: undefined } as unknown as JsonValue)).toBe('{"b":1}');
    expect(canonicalText({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalText({ b: 1, a: undefined } as unknown as JsonValue)).toBe('{"b":1}');
  });

  it.each([
    ['a float', 0.5],
    ['2^53', 2 ** 53],
    ['NaN', Number.NaN],
    ['infinity', Infinity],
    ['a big integer', 1n],
    ['undefined', undefined],
    ['undefined in an array', [undefined]],
    ['a hole in an array', Object.assign([], { length: 1 })],
    ['a date', new Date(0)],
    ['bytes', Buffer.from('x')],
    ['a map', new Map()],
    ['a function', () => 1],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['33 levels', JSON.parse('['.repeat(33) + ']'.repeat(33))],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => canonicalJson(value as JsonValue))).toBe('FIELD_INVALID');
  });
});

describe('parseCanonical', () => {
  it.each(vectors.accepted)('reads $name', ({ canonical }) => {
    expect(parseCanonical(Buffer.from(canonical))).toEqual(JSON.parse(canonical));
  });

  it.each(vectors.refused)('refuses $name', ({ bytes }) => {
    expect(codeOf(() => parseCanonical(Buffer.from(bytes, 'hex')))).toBe('RECORD_MALFORMED');
  });

  it('reads other bytes as another value, or not at all', () => {
    const bytes = Buffer.from('{"a":[1,"ö"],"b":true}');
    for (const other of bitFlips(bytes)) {
      const code = codeOf(() => parseCanonical(other));
      if (code === undefined) expect(canonicalJson(parseCanonical(other))).toEqual(other);
      else expect(code).toBe('RECORD_MALFORMED');
    }
  });

  it('does not run out of stack on nesting', () => {
    const bytes = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
    expect(codeOf(() => parseCanonical(bytes))).toBe('RECORD_MALFORMED');
  });
});
