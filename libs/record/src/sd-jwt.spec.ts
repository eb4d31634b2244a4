import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SDJwtInstance } from '@sd-jwt/core';
import type { RecordVector } from './vectors/record-vectors.js';

/** An SD-JWT library that is not ours reads our payloads and disclosures (RFC 9901). */

const path = join(import.meta.dirname, '../../../vectors/records.json');
const records = JSON.parse(readFileSync(path, 'utf8')) as RecordVector[];
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

const library = new SDJwtInstance({
  hasher: (input: string | ArrayBuffer) =>
    createHash('sha256')
      .update(typeof input === 'string' ? input : Buffer.from(input))
      .digest(),
  hashAlg: 'sha-256',
  verifier: (signed: string, signature: string) =>
    verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url')),
});

/** A compact SD-JWT: issuer-signed payload, then the disclosures. */
function compact(payload: unknown, disclosures: readonly string[]): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'EdDSA', typ: 'sd-jwt' })}.${part(payload)}`;
  const signature = sign(null, Buffer.from(signed), privateKey).toString('base64url');
  return `${[`${signed}.${signature}`, ...disclosures].join('~')}~`;
}

describe('an SD-JWT library that is not ours', () => {
  it.each(records)('opens every disclosure of: $name', async (record) => {
    const { data } = JSON.parse(record.header) as { data: Record<string, unknown> };
    const { _sd, _sd_alg, ...open } = data;
    const expected = { ...open, ...Object.fromEntries(record.disclosures.map(({ group, object }) => [group, object])) };
    const encoded = record.disclosures.map((disclosure) => disclosure.encoded);
    const { payload } = await library.verify(compact(data, encoded));
    expect(payload).toEqual(expected);
  });

  it('finds the digests of its own disclosures in our payload, and no others', async () => {
    const record = records.find(({ disclosures }) => disclosures.length === 2)!;
    const { data } = JSON.parse(record.header) as { data: Record<string, unknown> };
    const [first, second] = record.disclosures;
    const { payload } = await library.verify(compact(data, [first!.encoded]));
    expect(payload).toHaveProperty(first!.group);
    expect(payload).not.toHaveProperty(second!.group);
    const foreign = records.find(({ name, disclosures }) => name !== record.name && disclosures.length > 0)!;
    const claims = await library.getClaims(compact(data, [foreign.disclosures[0]!.encoded]));
    expect(claims).not.toHaveProperty(first!.group);
    expect(claims).not.toHaveProperty(second!.group);
  });
});
