import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@countersign/kernel';
import { canonicalJson } from './canonical-json.js';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import { headsLogIdOf, logIdOf, parseRegistration, registrationBytes } from './registration.js';
import type { RegistrationVector } from './vectors/key-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/registrations.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as RegistrationVector[];
const [first, successor] = vectors;
const withMembers = (vector: RegistrationVector, change: Readonly<Record<string, JsonValue | undefined>>): Buffer =>
  canonicalJson({ ...(JSON.parse(vector.registration) as JsonObject), ...change } as JsonObject);
const member = (name: string): string => (JSON.parse(first!.registration) as Record<string, string>)[name]!;

describe('registrations', () => {
  it.each(vectors)('have the heads log of the vectors: $name', ({ logId, headsLogId }) => {
    const id = Buffer.from(logId, 'hex');
    expect(headsLogIdOf(id).toString('hex')).toBe(headsLogId);
    expect(headsLogIdOf(id, 2).toString('hex')).not.toBe(headsLogId);
    for (const other of bitFlips(id)) expect(headsLogIdOf(other).toString('hex')).not.toBe(headsLogId);
    for (const number of [0, -1, 1.5, 2 ** 32]) expect(codeOf(() => headsLogIdOf(id, number))).toBe('FIELD_INVALID');
    expect(codeOf(() => headsLogIdOf(id.subarray(1)))).toBe('FIELD_INVALID');
  });

  it.each(vectors)('are those of the vectors: $name', ({ registration, logId }) => {
    const bytes = Buffer.from(registration);
    expect(registrationBytes(parseRegistration(bytes))).toEqual(bytes);
    expect(logIdOf(bytes).toString('hex')).toBe(logId);
  });

  it('with any bit turned are refused or name another log', () => {
    for (const vector of vectors) {
      for (const other of bitFlips(Buffer.from(vector.registration))) {
        const code = codeOf(() => parseRegistration(other));
        expect(['RECORD_MALFORMED', 'KEY_REFUSED', undefined]).toContain(code);
        expect(logIdOf(other).toString('hex')).not.toBe(vector.logId);
        if (code === undefined) expect(registrationBytes(parseRegistration(other))).toEqual(other);
      }
    }
  });

  it('with a byte more or less are refused', () => {
    for (const other of lengthChanges(Buffer.from(first!.registration)))
      expect(codeOf(() => parseRegistration(other))).toBe('RECORD_MALFORMED');
  });

  it.each<[string, Readonly<Record<string, JsonValue | undefined>>]>([
    ['another suite', { suite: '2' }],
    ['the suite as a number', { suite: 1 }],
    ['a missing member', { organisation: undefined }],
    ['a further member', { note: 'x' }],
    ['an origin with a plus', { origin: 'a+b', headsOrigin: 'a+b/heads' }],
    ['another heads origin', { headsOrigin: `${member('origin')}/other` }],
    ['an empty organisation', { organisation: '' }],
    ['an item commitment of 31 bytes', { itemCommitment: Buffer.alloc(31).toString('base64url') }],
    ['one key for both logs', { headsKey: member('logKey') }],
    ['a key that is no text', { logKey: null }],
    ['no predecessor member', { predecessor: undefined }],
    ['a predecessor of size 0', { predecessor: { logId: member('logKey'), root: member('logKey'), size: '0' } }],
    ['a predecessor size as a number', { predecessor: { logId: member('logKey'), root: member('logKey'), size: 9 } }],
    ['a predecessor size with a leading zero', { predecessor: { logId: member('logKey'), root: member('logKey'), size: '09' } }],
    [
      'a predecessor size beyond 64 bits',
      { predecessor: { logId: member('logKey'), root: member('logKey'), size: '18446744073709551616' } },
    ],
    ['a predecessor without root', { predecessor: { logId: member('logKey'), size: '9' } }],
  ])('are refused: %s', (_, change) => {
    expect(codeOf(() => parseRegistration(withMembers(first!, change)))).toBe('RECORD_MALFORMED');
  });

  it('are refused with a key of small order', () => {
    const smallOrder = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64url');
    expect(codeOf(() => parseRegistration(withMembers(first!, { logKey: smallOrder })))).toBe('KEY_REFUSED');
    expect(codeOf(() => parseRegistration(withMembers(first!, { headsKey: smallOrder })))).toBe('KEY_REFUSED');
  });

  it('are not made of what could not be read', () => {
    const registration = parseRegistration(Buffer.from(successor!.registration));
    expect(codeOf(() => registrationBytes({ ...registration, headsOrigin: 'elsewhere' }))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => registrationBytes({ ...registration, logKey: Buffer.alloc(32) }))).toBe('KEY_REFUSED');
  });
});
