import { canonicalText } from '../canonical-json.js';

/** Inputs published with RFC 8785 (section 3.2.2 to 3.2.4, appendix B, its test data), as far as they hold no floats. */
const ACCEPTED: readonly [name: string, json: string][] = [
  ['RFC 8785 section 3.2.2: string escapes', String.raw`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`],
  ['RFC 8785 section 3.2.2: literals', '[ null, true, false ]'],
  [
    'RFC 8785 section 3.2.3: sorting of names',
    String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
  ],
  ['RFC 8785 appendix B: zero', '0'],
  ['RFC 8785 appendix B: minus zero', '-0'],
  ['RFC 8785 test data: arrays', '[ 56, { "d": true, "10": null, "1": [ ] } ]'],
  [
    'RFC 8785 test data: french',
    '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
  ],
  [
    'RFC 8785 test data: structures',
    String.raw`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { }}`,
  ],
  ['RFC 8785 test data: unicode', String.raw`{"Unnormalized Unicode":"A\u030a"}`],
  [
    'RFC 8785 test data: weird',
    String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\u000a":"Newline","1":"One","\u0080":"Control\u007f","\ud83d\ude02":"Smiley","\u00f6":"Latin Small Letter O With Diaeresis","\ufb33":"Hebrew Letter Dalet With Dagesh","</script>":"Browser Challenge"}`,
  ],
  ['largest integer', '9007199254740991'],
  ['smallest integer', '-9007199254740991'],
  ['empty object and array', '{"b":[],"a":{}}'],
  ['name __proto__', '{"__proto__":1,"a":2}'],
  ['every escape of two characters', String.raw`"\b\t\n\f\r\"\\"`],
];

/** Bytes that are not the canonical form of anything, or hold what the format excludes. */
const REFUSED: readonly [name: string, bytes: Buffer][] = [
  ['a space', Buffer.from('{"a": 1}')],
  ['a trailing newline', Buffer.from('{"a":1}\n')],
  ['names out of order', Buffer.from('{"b":1,"a":2}')],
  ['a repeated name', Buffer.from('{"a":1,"a":1}')],
  ['a float', Buffer.from('1.5')],
  ['an integer as a float', Buffer.from('1.0')],
  ['an exponent', Buffer.from('1e3')],
  ['minus zero', Buffer.from('-0')],
  ['2^53', Buffer.from('9007199254740992')],
  ['RFC 8785 appendix B: 2^68', Buffer.from('295147905179352830000')],
  ['a needless escape', Buffer.from(String.raw`"\u0041"`)],
  ['an escaped solidus', Buffer.from(String.raw`"\/"`)],
  ['an upper-case escape', Buffer.from(String.raw`"\u000F"`)],
  ['a lone surrogate', Buffer.from(String.raw`"\ud800"`)],
  ['a byte order mark', Buffer.from('\ufeff{}')],
  ['malformed UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['nothing', Buffer.alloc(0)],
  ['two values', Buffer.from('{}{}')],
  ['33 levels', Buffer.from('['.repeat(33) + ']'.repeat(33))],
];

export interface CanonicalVectors {
  /** `json` is any JSON text, `canonical` its only accepted form. */
  readonly accepted: readonly { readonly name: string; readonly json: string; readonly canonical: string }[];
  readonly refused: readonly { readonly name: string; readonly bytes: string }[];
}

export function canonicalVectors(): CanonicalVectors {
  return {
    accepted: ACCEPTED.map(([name, json]) => ({ name, json, canonical: canonicalText(JSON.parse(json)) })),
    refused: REFUSED.map(([name, bytes]) => ({ name, bytes: bytes.toString('hex') })),
  };
}
