import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@countersign/kernel';
import { canonicalJson } from './canonical-json.js';
import { bitFlips, codeOf, lengthChanges, refusalOf } from './corruption.builders.js';
import { HEADER_BYTES_MAX, parseHeader, recordDigest } from './header.js';
import { HEADER_FIELDS } from './header-fields.js';
import type { AuthorVectors } from './vectors/key-vectors.js';
import type { RecordVector } from './vectors/record-vectors.js';
import type { RefusedHeaderVector } from './vectors/refused-headers.js';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8')) as T;
const records = read<RecordVector[]>('records');
const refused = read<RefusedHeaderVector[]>('refused-headers');
const author = read<AuthorVectors>('author-signatures');
const first = records[1]!;

/** A header with some of its fields changed, in canonical form. */
function withFields(record: RecordVector, change: JsonObject): Buffer {
  return canonicalJson({ ...(JSON.parse(record.header) as JsonObject), ...change });
}

describe('parseHeader', () => {
  it.each(records)('reads the header of: $name', (record) => {
    expect(parseHeader(Buffer.from(record.header))).toMatchObject({
      id: record.eventId,
      source: record.origin,
      type: record.schema.type,
      subject: record.streamId,
      sequence: BigInt(record.sequence),
      ...(record.prev !== undefined && { prev: Buffer.from(record.prev, 'hex') }),
      time: record.eventTime,
      recordedTime: record.recordedTime,
      actor: record.actor,
      actingFor: record.actingFor,
      correlationId: record.correlationId,
      label: record.label,
      policy: record.policy,
      suite: '1',
      salt: Buffer.from(record.headerSalt, 'hex'),
      sd: record.disclosures.map(({ sd }) => sd).sort(),
    });
  });

  it('leaves absent fields absent', () => {
    const header = parseHeader(Buffer.from(first.header));
    for (const name of ['prev', 'causationId', 'claim', 'authorSignature', 'intent']) expect(header).not.toHaveProperty(name);
  });

  it.each(refused)('refuses $name', ({ field, header }) => {
    expect(refusalOf(() => parseHeader(Buffer.from(header)))).toEqual({ code: 'RECORD_MALFORMED', field });
  });

  it('has a refused vector for every field', () => {
    const fields = new Set(refused.map(({ field }) => field));
    expect([...fields]).toEqual(expect.arrayContaining(Object.keys(HEADER_FIELDS)));
  });

  it('refuses every required field that is missing, and every empty one', () => {
    for (const [name, { optional }] of Object.entries(HEADER_FIELDS)) {
      const without = { ...(JSON.parse(first.header) as Record<string, string>) };
      delete without[name];
      const code = codeOf(() => parseHeader(canonicalJson(without)));
      expect(code).toBe(optional ? undefined : 'RECORD_MALFORMED');
      expect(codeOf(() => parseHeader(withFields(first, { [name]: '' })))).toBe('RECORD_MALFORMED');
    }
  });

  it('accepts 60 KiB and not a byte more', () => {
    const empty = withFields(first, { data: { _sd: [], _sd_alg: 'sha-256', text: '' } });
    const exact = (size: number): Buffer =>
      withFields(first, { data: { _sd: [], _sd_alg: 'sha-256', text: 'x'.repeat(size - empty.length) } });
    expect(exact(HEADER_BYTES_MAX)).toHaveLength(61_440);
    expect(codeOf(() => parseHeader(exact(HEADER_BYTES_MAX)))).toBeUndefined();
    expect(refusalOf(() => parseHeader(exact(HEADER_BYTES_MAX + 1)))).toEqual({ code: 'RECORD_MALFORMED', field: 'header' });
  });

  it('accepts prev at sequence 0 only in a log with a predecessor', () => {
    const successor = withFields(first, { prev: Buffer.from(first.recordDigest, 'hex').toString('base64url') });
    expect(refusalOf(() => parseHeader(successor))).toEqual({ code: 'RECORD_MALFORMED', field: 'prev' });
    expect(parseHeader(successor, { continuesPredecessor: true }).prev).toEqual(Buffer.from(first.recordDigest, 'hex'));
    expect(codeOf(() => parseHeader(Buffer.from(first.header), { continuesPredecessor: true }))).toBeUndefined();
  });

  it('accepts the reserved author signature only together with its intent', () => {
    const data = { _sd: [], _sd_alg: 'sha-256' };
    const both = withFields(first, { authorsig: author.authorsig, data: { ...data, intent: author.intent.intent } });
    expect(parseHeader(both)).toMatchObject({ authorSignature: author.authorsig, intent: author.intent.intent });
    const alone = withFields(first, { authorsig: author.authorsig, data });
    expect(refusalOf(() => parseHeader(alone))).toEqual({ code: 'RECORD_MALFORMED', field: 'data.intent' });
    const spoilt = withFields(first, { authorsig: author.authorsig, data: { ...data, intent: { quantity: 4 } } });
    expect(codeOf(() => parseHeader(spoilt))).toBe('RECORD_MALFORMED');
  });

  it('refuses the header with any bit turned, or reads what then stands there', () => {
    let read = 0;
    for (const other of bitFlips(Buffer.from(first.header))) {
      const code = codeOf(() => parseHeader(other));
      if (code === undefined) read += 1;
      else expect(code).toBe('RECORD_MALFORMED');
      expect(recordDigest(other).toString('hex')).not.toBe(first.recordDigest);
    }
    expect(read).toBeGreaterThan(0);
  });

  it('refuses the header with a byte more or less', () => {
    for (const other of lengthChanges(Buffer.from(first.header)))
      expect(codeOf(() => parseHeader(other))).toBe('RECORD_MALFORMED');
  });

  it.each(['null', '1', '"text"', '[]', '{}', ''])('refuses %j', (text) => {
    expect(codeOf(() => parseHeader(Buffer.from(text)))).toBe('RECORD_MALFORMED');
  });
});

describe('recordDigest', () => {
  it.each(records)('is that of the vectors: $name', (record) => {
    expect(recordDigest(Buffer.from(record.header)).toString('hex')).toBe(record.recordDigest);
  });

  it('is of the bytes, also of more than a header may have', () => {
    const long = Buffer.alloc(HEADER_BYTES_MAX + 1, 'x');
    expect(recordDigest(long)).not.toEqual(recordDigest(long.subarray(1)));
    expect(recordDigest(Buffer.alloc(0))).toHaveLength(32);
  });
});
