import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { leafHash } from '@countersign/merkle';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import { encodeEntry, ENTRY_SIZE, parseEntry } from './entry.js';
import type { RecordVector } from './vectors/record-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/records.json');
const records = JSON.parse(readFileSync(path, 'utf8')) as RecordVector[];
const digest = Buffer.alloc(32, 5);

describe('entries', () => {
  it.each(records)('are those of the vectors: $name', (record) => {
    const entry = Buffer.from(record.entry, 'hex');
    const parsed = parseEntry(entry);
    expect(entry).toHaveLength(ENTRY_SIZE);
    expect(parsed.itemKey.toString('hex')).toBe(record.itemKey);
    expect(parsed.sequence).toBe(BigInt(record.sequence));
    expect(parsed.recordDigest.toString('hex')).toBe(record.recordDigest);
    expect(parsed.claimDigest !== undefined).toBe(record.claim !== undefined);
    expect(encodeEntry(parsed)).toEqual(entry);
    expect(leafHash(entry).toString('hex')).toBe(record.leafHash);
  });

  it('with any bit turned are another entry, with another leaf, or none', () => {
    const entry = Buffer.from(records[1]!.entry, 'hex');
    for (const [bit, other] of bitFlips(entry).entries()) {
      if (bit < 8) {
        expect(codeOf(() => parseEntry(other))).toBe('RECORD_MALFORMED');
        continue;
      }
      expect(encodeEntry(parseEntry(other))).toEqual(other);
      expect(parseEntry(other)).not.toEqual(parseEntry(entry));
      expect(leafHash(other).toString('hex')).not.toBe(records[1]!.leafHash);
    }
  });

  it('with another length are refused', () => {
    for (const other of lengthChanges(Buffer.from(records[1]!.entry, 'hex')))
      expect(codeOf(() => parseEntry(other))).toBe('RECORD_MALFORMED');
  });

  it('are not made of parts that do not fit', () => {
    const parts = { itemKey: digest, sequence: 1n, recordDigest: digest };
    expect(codeOf(() => encodeEntry(parts))).toBeUndefined();
    expect(codeOf(() => encodeEntry({ ...parts, itemKey: digest.subarray(1) }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encodeEntry({ ...parts, recordDigest: Buffer.alloc(33) }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encodeEntry({ ...parts, sequence: -1n }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encodeEntry({ ...parts, sequence: 2n ** 64n }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encodeEntry({ ...parts, claimDigest: Buffer.alloc(31) }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encodeEntry({ ...parts, claimDigest: Buffer.alloc(32) }))).toBe('FIELD_INVALID');
  });
});
