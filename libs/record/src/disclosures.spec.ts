import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@countersign/kernel';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import { decodeDisclosures, DISCLOSURES_BYTES_MAX, encodeDisclosures } from './disclosure-list.js';
import { createDisclosure, parseDisclosure, type Disclosure } from './disclosure.js';
import { parseEnvelope, sealDisclosure } from './envelope.js';
import { parseHeader, type RecordHeader } from './header.js';
import { mergeData, openDisclosure, openDisclosures, requireClaim } from './open-disclosures.js';
import type { DisclosureVector, RecordVector } from './vectors/record-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/records.json');
const records = JSON.parse(readFileSync(path, 'utf8')) as RecordVector[];
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

interface Case {
  readonly record: RecordVector;
  readonly header: RecordHeader;
  readonly disclosure: DisclosureVector;
  readonly envelope: Buffer;
  readonly key: KeyObject;
}

const cases = records.flatMap((record): Case[] =>
  record.disclosures.map((disclosure) => ({
    record,
    header: parseHeader(Buffer.from(record.header)),
    disclosure,
    envelope: hex(disclosure.envelope),
    key: createSecretKey(hex(disclosure.key)),
  })),
);
const keysOf = (record: RecordVector): Map<string, KeyObject> =>
  new Map(record.disclosures.map(({ keyId, key }) => [keyId, createSecretKey(hex(key))]));
const two = records.find(({ disclosures }) => disclosures.length === 2)!;
const claimed = records.find(({ claim }) => claim !== undefined)!;
const salt = Buffer.alloc(32, 3);

const NOT_OURS = ['RECORD_ALTERED', 'RECORD_MALFORMED'];

describe('disclosures', () => {
  it.each(cases)('are those of the vectors: $record.name, $disclosure.group', ({ disclosure, record, envelope, key }) => {
    const made = createDisclosure(hex(disclosure.salt), disclosure.group, disclosure.object);
    expect(made.encoded).toBe(disclosure.encoded);
    expect(made.digest.toString('hex')).toBe(disclosure.digest);
    expect(parseDisclosure(disclosure.encoded)).toEqual(made);
    const address = { source: record.origin, eventId: record.eventId };
    expect(sealDisclosure(made, address, { keyId: hex(disclosure.keyId), key })).toEqual(envelope);
    expect(openDisclosure({ envelope, key, ...address })).toEqual(made);
  });

  it.each([
    ['another length', '["c2FsdA","price",{"a":1}]'],
    ['two elements', `["${salt.toString('base64url')}",{"a":1}]`],
    ['four elements', `["${salt.toString('base64url')}","price",{"a":1},1]`],
    ['a value for the object', `["${salt.toString('base64url')}","price","a"]`],
    ['an array for the object', `["${salt.toString('base64url')}","price",[]]`],
    ['no field', `["${salt.toString('base64url')}","price",{}]`],
    ['a group that is no name', `["${salt.toString('base64url')}","_sd",{"a":1}]`],
    ['the reserved intent', `["${salt.toString('base64url')}","intent",{"a":1}]`],
    ['a nested digest', `["${salt.toString('base64url')}","price",{"a":{"_sd":[]}}]`],
    ['a nested array disclosure', `["${salt.toString('base64url')}","price",{"a":[{"...":"x"}]}]`],
    ['a space', `["${salt.toString('base64url')}", "price",{"a":1}]`],
    ['an object', '{"a":1}'],
  ])('are refused: %s', (_, text) => {
    expect(codeOf(() => parseDisclosure(Buffer.from(text).toString('base64url')))).toBe('RECORD_MALFORMED');
  });

  it('are refused in another base64', () => {
    const encoded = cases[0]!.disclosure.encoded;
    for (const other of [`${encoded}=`, ` ${encoded}`, `${encoded}\n`, '', encoded.slice(0, -1)]) {
      expect(codeOf(() => parseDisclosure(other))).toBe('RECORD_MALFORMED');
    }
  });

  it('are not made of what could not be read', () => {
    expect(codeOf(() => createDisclosure(salt.subarray(1), 'price', { a: 1 }))).toBe('FIELD_INVALID');
    expect(codeOf(() => createDisclosure(salt, '_sd', { a: 1 }))).toBe('FIELD_INVALID');
    expect(codeOf(() => createDisclosure(salt, 'price', { '...': 1 }))).toBe('FIELD_INVALID');
    expect(codeOf(() => createDisclosure(salt, 'price', { a: 0.5 }))).toBe('FIELD_INVALID');
  });
});

describe('envelopes', () => {
  it.each(cases)('with any bit turned are refused: $record.name, $disclosure.group', ({ header, envelope, key }) => {
    for (const other of bitFlips(envelope))
      expect(NOT_OURS).toContain(codeOf(() => openDisclosure({ envelope: other, header, key })));
  });

  it.each(cases)('with another length are refused: $record.name, $disclosure.group', ({ header, envelope, key }) => {
    for (const other of [...lengthChanges(envelope), envelope.subarray(0, 49), envelope.subarray(0, 65)]) {
      expect(NOT_OURS).toContain(codeOf(() => openDisclosure({ envelope: other, header, key })));
    }
  });

  it.each(cases)('belong to one event, log and key: $record.name, $disclosure.group', ({ record, header, envelope, key }) => {
    const address = { source: record.origin, eventId: record.eventId };
    const otherKey = createSecretKey(Buffer.alloc(32, 1));
    expect(codeOf(() => openDisclosure({ envelope, key, ...address, eventId: '0198f3a0-0001-7000-8000-0000000000ff' }))).toBe(
      'RECORD_ALTERED',
    );
    expect(codeOf(() => openDisclosure({ envelope, key, ...address, source: `${record.origin}2` }))).toBe('RECORD_ALTERED');
    expect(codeOf(() => openDisclosure({ envelope, key: otherKey, ...address }))).toBe('RECORD_ALTERED');
    expect(codeOf(() => openDisclosure({ envelope, key, header: { ...header, sd: [] } }))).toBe('RECORD_ALTERED');
  });

  it('cannot be moved to another record under the same key', () => {
    const [one, other] = cases.filter(({ disclosure }) => disclosure.group === 'price');
    expect(one!.disclosure.keyId).toBe(other!.disclosure.keyId);
    expect(codeOf(() => openDisclosure({ envelope: one!.envelope, header: other!.header, key: one!.key }))).toBe(
      'RECORD_ALTERED',
    );
    const grafted = { ...other!.header, sd: one!.header.sd };
    expect(codeOf(() => openDisclosure({ envelope: one!.envelope, header: grafted, key: one!.key }))).toBe('RECORD_ALTERED');
  });

  it('commit to the digest: a valid ciphertext of another disclosure is refused', () => {
    const { record, key, disclosure, header } = cases[0]!;
    const forged: Disclosure = { ...createDisclosure(salt, 'price', { unitPrice: '1.00' }), digest: hex(disclosure.digest) };
    const address = { source: record.origin, eventId: record.eventId };
    const envelope = sealDisclosure(forged, address, { keyId: hex(disclosure.keyId), key });
    expect(codeOf(() => openDisclosure({ envelope, header, key }))).toBe('RECORD_ALTERED');
  });

  it('name their key and digest without it', () => {
    const { envelope, disclosure } = cases[0]!;
    const { keyId, digest } = parseEnvelope(envelope);
    expect([keyId.toString('hex'), digest.toString('hex')]).toEqual([disclosure.keyId, disclosure.digest]);
  });
});

describe('lists of disclosures', () => {
  it.each(records)('are those of the vectors: $name', (record) => {
    const list = hex(record.disclosureList);
    const envelopes = record.disclosures.map(({ envelope }) => hex(envelope));
    expect(encodeDisclosures(envelopes)).toEqual(list);
    expect(encodeDisclosures(envelopes.toReversed())).toEqual(list);
    expect(encodeDisclosures(decodeDisclosures(list))).toEqual(list);
    expect(decodeDisclosures(list)).toHaveLength(envelopes.length);
  });

  it('with any bit turned never open whole', () => {
    const header = parseHeader(Buffer.from(two.header));
    const keys = keysOf(two);
    for (const other of bitFlips(hex(two.disclosureList))) {
      const open = (): number => openDisclosures(header, decodeDisclosures(other), (keyId) => keys.get(keyId)).opened.length;
      const code = codeOf(open);
      if (code === undefined)
        expect(open()).toBeLessThan(2); // A turned bit of a key id names a key that nobody holds: WITHHELD.
      else expect(NOT_OURS).toContain(code);
    }
  });

  it('with a byte more or less are refused', () => {
    const list = hex(two.disclosureList);
    for (const other of lengthChanges(list).slice(1)) expect(codeOf(() => decodeDisclosures(other))).toBe('RECORD_MALFORMED');
    for (let end = 1; end < list.length; end += 1) {
      const cut = codeOf(() => decodeDisclosures(list.subarray(0, end)));
      expect(cut).toBe(end === 4 + list.readUInt32BE(0) ? undefined : 'RECORD_MALFORMED');
    }
  });

  it('are refused with an envelope repeated, out of order, or of no length', () => {
    const list = hex(two.disclosureList);
    const [first, second] = decodeDisclosures(list).map((envelope) => encodeDisclosures([envelope]));
    expect(codeOf(() => decodeDisclosures(Buffer.concat([first!, first!])))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => decodeDisclosures(Buffer.concat([second!, first!])))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => decodeDisclosures(Buffer.alloc(4)))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => encodeDisclosures([hex(two.disclosures[0]!.envelope), hex(two.disclosures[0]!.envelope)]))).toBe(
      'RECORD_MALFORMED',
    );
    expect(codeOf(() => decodeDisclosures(Buffer.alloc(DISCLOSURES_BYTES_MAX + 1)))).toBe('RECORD_MALFORMED');
  });
});

describe('openDisclosures', () => {
  it.each(records)('gives the event back: $name', (record) => {
    const keys = keysOf(record);
    const header = parseHeader(Buffer.from(record.header));
    const { opened, withheld } = openDisclosures(header, decodeDisclosures(hex(record.disclosureList)), (keyId) =>
      keys.get(keyId),
    );
    expect(withheld).toEqual([]);
    expect(mergeData(header, opened)).toEqual(record.eventData);
  });

  it('reports what has no key or no ciphertext as withheld', () => {
    const header = parseHeader(Buffer.from(two.header));
    const envelopes = two.disclosures.map(({ envelope }) => hex(envelope));
    const [first, second] = two.disclosures;
    const keys = keysOf(two);
    keys.delete(second!.keyId);
    const withoutKey = openDisclosures(header, envelopes, (keyId) => keys.get(keyId));
    expect(withoutKey.opened.map(({ group }) => group)).toEqual([first!.group]);
    expect(withoutKey.withheld).toEqual([second!.sd]);
    const withoutCiphertext = openDisclosures(header, envelopes.slice(1), (keyId) => keysOf(two).get(keyId));
    expect(withoutCiphertext.withheld).toEqual([first!.sd]);
  });

  it('refuses a disclosure that is repeated, or that the header does not name', () => {
    const header = parseHeader(Buffer.from(two.header));
    const envelopes = two.disclosures.map(({ envelope }) => hex(envelope));
    const open = (...list: Buffer[]): unknown => openDisclosures(header, list, (keyId) => keysOf(two).get(keyId));
    expect(codeOf(() => open(...envelopes, envelopes[0]!))).toBe('RECORD_ALTERED');
    expect(codeOf(() => open(cases[0]!.envelope))).toBe('RECORD_ALTERED');
    const openWithoutKeys = (...list: Buffer[]): unknown => openDisclosures(header, list, () => undefined);
    expect(codeOf(() => openWithoutKeys(...envelopes))).toBeUndefined();
    expect(codeOf(() => openWithoutKeys(...envelopes, envelopes[0]!))).toBe('RECORD_ALTERED');
    expect(codeOf(() => openWithoutKeys(cases[0]!.envelope))).toBe('RECORD_ALTERED');
  });

  it('refuses disclosures that claim one name', () => {
    const disclose = (group: string, object: JsonObject): Disclosure => createDisclosure(salt, group, object);
    const merge = (...opened: Disclosure[]): unknown => mergeData({ publicData: { quantity: 1 } }, opened);
    expect(codeOf(() => merge(disclose('price', { a: 1 }), disclose('price', { b: 1 })))).toBe('RECORD_ALTERED');
    expect(codeOf(() => merge(disclose('price', { a: 1 }), disclose('remarks', { a: 1 })))).toBe('RECORD_ALTERED');
    expect(codeOf(() => merge(disclose('price', { quantity: 2 })))).toBe('RECORD_ALTERED');
    expect(codeOf(() => merge(disclose('quantity', { a: 2 })))).toBe('RECORD_ALTERED');
    expect(merge(disclose('price', { a: 1 }), disclose('remarks', { b: 1 }))).toEqual({ quantity: 1, a: 1, b: 1 });
  });

  it('refuses a claim whose preimage is not that of the header', () => {
    const header = parseHeader(Buffer.from(claimed.header));
    const preimage = parseDisclosure(claimed.disclosures[0]!.encoded);
    expect(codeOf(() => requireClaim(header, [preimage]))).toBeUndefined();
    expect(codeOf(() => requireClaim(header, []))).toBeUndefined();
    const negated = createDisclosure(salt, 'claim', { ...preimage.object, value: false });
    expect(codeOf(() => requireClaim(header, [negated]))).toBe('RECORD_ALTERED');
    expect(codeOf(() => requireClaim({}, [preimage]))).toBe('RECORD_ALTERED');
    const spoilt = createDisclosure(salt, 'claim', { value: true });
    expect(codeOf(() => requireClaim(header, [spoilt]))).toBe('RECORD_MALFORMED');
  });

  it('opens whatever was sealed', () => {
    const objects = fc.dictionary(
      fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/),
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean()),
      {
        minKeys: 1,
      },
    );
    const key = createSecretKey(Buffer.alloc(32, 7));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), objects, (bytes, object) => {
        if (Object.hasOwn(object, 'intent')) return;
        const disclosure = createDisclosure(bytes, 'price', object);
        const address = { source: 'countersign.example/x', eventId: '0198f3a0-0001-7000-8000-000000000000' };
        const envelope = sealDisclosure(disclosure, address, { keyId: Buffer.alloc(16, 1), key });
        const opened = openDisclosure({ envelope, key, ...address });
        expect(canonicalJson(opened.object)).toEqual(canonicalJson(object));
        expect(opened.digest).toEqual(disclosure.digest);
      }),
    );
  });
});
