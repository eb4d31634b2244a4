import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { EventSchema, JsonObject } from '@countersign/kernel';
import { leafHash } from '@countersign/merkle';
import fc from 'fast-check';
import { buildRecord, type RecordDraft } from './build-record.js';
import { refusalOf } from './corruption.builders.js';
import { parseEntry } from './entry.js';
import { parseHeader, recordDigest } from './header.js';
import { mergeData, openDisclosures } from './open-disclosures.js';

const schema: EventSchema = {
  type: 'countersign.inventory.StockPosted.v1',
  fields: {
    niin: 'public',
    quantity: 'public',
    unitPrice: { group: 'price' },
    currency: { group: 'price' },
    remark: { group: 'remarks', erasable: true },
  },
};
const key = createSecretKey(randomBytes(32));
const keyIds = { price: randomBytes(16), remarks: randomBytes(16) };
const itemKey = randomBytes(32);

const draft: RecordDraft = {
  origin: 'countersign.example/inventory',
  schema,
  eventData: { niin: '129999901', quantity: 3, unitPrice: '10.00', remark: 'seal broken' },
  streamId: 'stock/Z9D/129999901',
  sequence: 0n,
  eventTime: '2026-03-01T10:00:00+02:00',
  recordedTime: '2026-03-01T08:00:00Z',
  actor: 'a-1',
  actingFor: 'W99DP1',
  correlationId: 'c-1',
  label: 'NATO RESTRICTED REL TO DEU USA',
  policy: 'policy-1',
  unitKeys: new Map([
    ['price', { keyId: keyIds.price, key }],
    ['remarks', { keyId: keyIds.remarks, key }],
  ]),
  itemKey,
};

function dataOf(record: ReturnType<typeof buildRecord>): JsonObject {
  const header = parseHeader(record.header);
  const envelopes = record.disclosures.map(({ envelope }) => envelope);
  return mergeData(header, openDisclosures(header, envelopes, () => key).opened);
}

describe('buildRecord', () => {
  it('shows public fields and hides the others', () => {
    const record = buildRecord(draft);
    const header = parseHeader(record.header);
    expect(header.publicData).toEqual({ niin: '129999901', quantity: 3 });
    expect(header.sd).toHaveLength(2);
    for (const hidden of ['10.00', 'seal broken', 'unitPrice', 'remark', 'price'])
      expect(record.header.includes(hidden)).toBe(false);
    expect(dataOf(record)).toEqual(draft.eventData);
  });

  it('gives digest, entry and leaf of the header it returns', () => {
    const record = buildRecord(draft);
    expect(record.digest).toEqual(recordDigest(record.header));
    expect(parseEntry(record.entry)).toEqual({ itemKey, sequence: 0n, recordDigest: record.digest });
    expect(record.leafHash).toEqual(leafHash(record.entry));
    expect(record.keyIds.map((id) => id.toString('hex'))).toEqual([keyIds.price, keyIds.remarks].map((id) => id.toString('hex')));
  });

  it('salts every record and disclosure anew', () => {
    const [one, other] = [buildRecord(draft), buildRecord(draft)].map((record) => ({
      record,
      header: parseHeader(record.header),
    }));
    expect(one!.header.salt).not.toEqual(other!.header.salt);
    expect(one!.header.id).not.toBe(other!.header.id);
    expect(one!.header.sd.filter((digest) => other!.header.sd.includes(digest))).toEqual([]);
    const salts = new Set(Array.from({ length: 1000 }, () => parseHeader(buildRecord(draft).header).salt.toString('hex')));
    expect(salts.size).toBe(1000);
  });

  it('makes no disclosure for a group without fields, and needs no key for it', () => {
    const record = buildRecord({
      ...draft,
      eventData: { niin: '1', quantity: 1, remark: undefined } as unknown as JsonObject,
      unitKeys: new Map(),
    });
    expect(record.disclosures).toEqual([]);
    expect(record.keyIds).toEqual([]);
    expect(parseHeader(record.header).sd).toEqual([]);
  });

  it('names a key once that serves two groups', () => {
    const shared = { keyId: keyIds.price, key };
    const record = buildRecord({
      ...draft,
      unitKeys: new Map([
        ['price', shared],
        ['remarks', shared],
      ]),
    });
    expect(record.disclosures).toHaveLength(2);
    expect(record.keyIds).toEqual([keyIds.price]);
  });

  it.each<[string, Partial<RecordDraft>, string]>([
    ['a field that the schema does not list', { eventData: { niin: '1', serial: 'x' } }, 'serial'],
    ['a field of the object prototype', { eventData: { constructor: 'x' } }, 'constructor'],
    ['a float', { eventData: { quantity: 0.5 } }, 'json'],
    ['a lone surrogate in a public field', { eventData: { niin: '\ud800' } }, 'json'],
    ['a lone surrogate in a hidden field', { eventData: { remark: '\ud800' } }, 'json'],
    ['a nested _sd', { eventData: { niin: { _sd: [] } } }, 'data'],
    ['an origin with a space', { origin: 'a b' }, 'source'],
    ['a stream id without category', { streamId: '129999901' }, 'subject'],
    ['a negative sequence', { sequence: -1n }, 'sequence'],
    ['a sequence beyond 64 bits', { sequence: 2n ** 64n, prev: itemKey }, 'sequence'],
    ['no prev after sequence 0', { sequence: 1n }, 'prev'],
    ['prev at sequence 0', { prev: itemKey }, 'prev'],
    ['a prev of 31 bytes', { sequence: 1n, prev: itemKey.subarray(1) }, 'prev'],
    ['a time without offset', { eventTime: '2026-03-01T10:00:00' }, 'time'],
    ['no recorded time', { recordedTime: '' }, 'recordedtime'],
    ['an actor with a space', { actor: 'A Name' }, 'actor'],
    ['an empty acting-for', { actingFor: '' }, 'actingfor'],
    ['an empty causation id', { causationId: '' }, 'causationid'],
    ['a correlation id that is too long', { correlationId: 'x'.repeat(129) }, 'correlationid'],
    ['a label in another order', { label: 'NATO RESTRICTED REL TO USA DEU' }, 'label'],
    ['no policy', { policy: '' }, 'policy'],
    ['an event id that is no UUIDv7', { eventId: '0198f3a0-0001-4000-8000-000000000000' }, 'id'],
    ['an item key of 31 bytes', { itemKey: itemKey.subarray(1) }, 'itemKey'],
    ['a type of another form', { schema: { ...schema, type: 'countersign.inventory.stockPosted.v1' } }, 'type'],
    ['a system type of its own', { schema: { ...schema, type: 'countersign.log.StockPosted.v1' } }, 'type'],
    [
      'a group named like a public field',
      { schema: { ...schema, fields: { ...schema.fields, unitPrice: { group: 'niin' } } } },
      'niin',
    ],
    ['the reserved group claim', { schema: { ...schema, fields: { ...schema.fields, unitPrice: { group: 'claim' } } } }, 'claim'],
    ['a group that is no name', { schema: { ...schema, fields: { ...schema.fields, unitPrice: { group: '...' } } } }, '...'],
  ])('refuses %s', (_, change, field) => {
    expect(refusalOf(() => buildRecord({ ...draft, ...change }))).toEqual({ code: 'FIELD_INVALID', field });
  });

  it('refuses a header beyond 60 KiB, whatever is hidden', () => {
    expect(refusalOf(() => buildRecord({ ...draft, eventData: { niin: 'x'.repeat(61_440) } }))?.code).toBe('MESSAGE_TOO_LARGE');
    expect(refusalOf(() => buildRecord({ ...draft, eventData: { remark: 'x'.repeat(61_440) } }))).toBeUndefined();
  });

  it('fails if a group has no unit key', () => {
    expect(refusalOf(() => buildRecord({ ...draft, unitKeys: new Map() }))).toEqual({ code: 'INTERNAL', field: 'price' });
  });

  it('continues a predecessor only where that is said', () => {
    const record = buildRecord({ ...draft, prev: itemKey, continuesPredecessor: true });
    expect(parseHeader(record.header, { continuesPredecessor: true }).prev).toEqual(itemKey);
  });

  it('makes records that read back as they were, whatever the data', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const eventData = fc.record(
      { niin: value, quantity: value, unitPrice: value, currency: value, remark: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(eventData, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (data, sequence) => {
        const record = buildRecord({ ...draft, eventData: data, sequence, prev: itemKey });
        expect(dataOf(record)).toEqual({ ...data });
        expect(parseHeader(record.header)).toMatchObject({ sequence, prev: itemKey, label: draft.label });
      }),
    );
  });
});
