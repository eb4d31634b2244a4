import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import type { ClaimVector, ItemKeyVectors, LeavesVectors, RegistrationVector } from './vectors/key-vectors.js';
import type { ItemHeadVectors } from './vectors/item-head-vectors.js';
import type { DisclosureVector, RecordVector } from './vectors/record-vectors.js';

/** What `docs/record.md` says, computed from the vectors' inputs with Node's primitives alone: no code of ours takes part. */

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8')) as T;
const records = read<RecordVector[]>('records');

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const be = (value: bigint | string, size: number): Buffer =>
  hex(
    BigInt(value)
      .toString(16)
      .padStart(2 * size, '0'),
  );
const base64url = (text: string): string => hex(text).toString('base64url');

describe.each(records)('record: $name', (record) => {
  const members = JSON.parse(record.header) as Record<string, unknown>;

  it('has the canonical header of its inputs', () => {
    const isPublic = ([name]: [string, unknown]): boolean => record.schema.fields[name] === 'public';
    const expected = {
      specversion: '1.0',
      id: record.eventId,
      source: record.origin,
      type: record.schema.type,
      subject: record.streamId,
      sequence: record.sequence.padStart(20, '0'),
      ...(record.prev !== undefined && { prev: base64url(record.prev) }),
      time: record.eventTime,
      recordedtime: record.recordedTime,
      actor: record.actor,
      actingfor: record.actingFor,
      ...(record.causationId !== undefined && { causationid: record.causationId }),
      correlationid: record.correlationId,
      label: record.label,
      suite: '1',
      policy: record.policy,
      salt: base64url(record.headerSalt),
      ...(record.claim !== undefined && { claim: members['claim'] }),
      datacontenttype: 'application/json',
      data: {
        _sd_alg: 'sha-256',
        _sd: record.disclosures.map(({ sd }) => sd).sort(),
        ...Object.fromEntries(Object.entries(record.eventData).filter(isPublic)),
      },
    };
    expect(canonicalize(expected)).toBe(record.header);
  });

  it('has the digest, entry and leaf of its header', () => {
    const digest = sha256('countersign/record/v1\0', record.header);
    const claim = typeof members['claim'] === 'string' ? Buffer.from(members['claim'], 'base64url') : Buffer.alloc(32);
    const entry = Buffer.concat([Buffer.from([1]), hex(record.itemKey), be(record.sequence, 8), digest, claim]);
    expect(digest.toString('hex')).toBe(record.recordDigest);
    expect(entry.toString('hex')).toBe(record.entry);
    expect(entry).toHaveLength(105);
    expect(sha256(Buffer.from([0]), entry).toString('hex')).toBe(record.leafHash);
  });

  it('has the disclosures of its inputs, framed in the order of _sd', () => {
    for (const disclosure of record.disclosures) expectDisclosure(record, disclosure);
    const ordered = [...record.disclosures].sort((a, b) => (a.sd < b.sd ? -1 : 1));
    const framed = ordered.map(({ envelope }) => be(BigInt(envelope.length / 2), 4).toString('hex') + envelope);
    expect(record.disclosureList).toBe(framed.join(''));
  });

  it('names the record before it', () => {
    if (record.prev !== undefined) expect(records.map(({ recordDigest }) => recordDigest)).toContain(record.prev);
  });
});

function expectDisclosure(record: RecordVector, disclosure: DisclosureVector): void {
  const { group, object, encoded, keyId, digest } = disclosure;
  expect(Buffer.from(encoded, 'base64url').toString()).toBe(canonicalize([base64url(disclosure.salt), group, object]));
  expect(sha256(encoded).toString('hex')).toBe(digest);
  expect(base64url(digest)).toBe(disclosure.sd);
  expect(disclosure.nonce).toBe(digest.slice(0, 24));
  const bound = Buffer.concat([
    Buffer.from(`countersign/disclosure/v1\0${record.origin}\0${record.eventId}\0`),
    hex(keyId),
    hex(digest),
  ]);
  expect(bound.toString('hex')).toBe(disclosure.associatedData);
  const envelope = hex(disclosure.envelope);
  expect(envelope.subarray(0, 49).toString('hex')).toBe(`01${keyId}${digest}`);
  const decipher = createDecipheriv('aes-256-gcm', hex(disclosure.key), hex(disclosure.nonce));
  decipher.setAAD(bound);
  decipher.setAuthTag(envelope.subarray(-16));
  expect(Buffer.concat([decipher.update(envelope.subarray(49, -16)), decipher.final()]).toString()).toBe(encoded);
}

describe('item keys', () => {
  const vectors = read<ItemKeyVectors>('item-keys');

  it.each(vectors.items)('of $streamId', ({ streamId, bucket, secret, itemKey }) => {
    expect(sha256('countersign/bucket/v1\0', streamId).readUInt16BE(0)).toBe(bucket);
    const info = Buffer.concat([Buffer.from('countersign/item-bucket/v1\0'), be(BigInt(bucket), 2)]);
    expect(Buffer.from(hkdfSync('sha256', hex(vectors.masterSecret), Buffer.alloc(0), info, 32)).toString('hex')).toBe(secret);
    expect(createHmac('sha256', hex(secret)).update(`countersign/item/v1\0${streamId}`).digest('hex')).toBe(itemKey);
  });

  it('of the records are those of their streams', () => {
    for (const { streamId, itemKey } of vectors.items) {
      for (const record of records.filter((one) => one.streamId === streamId)) expect(record.itemKey).toBe(itemKey);
    }
  });
});

it.each(read<ClaimVector[]>('claims'))('claim $digest', ({ claim, digest }) => {
  const bytes = (name: string): Buffer => Buffer.from(claim[name] as string, 'base64url');
  const text = (name: string): Buffer => sha256(claim[name] as string);
  const parts = [bytes('salt'), text('chain'), text('contract'), bytes('agreement'), bytes('line'), bytes('condition')];
  expect(sha256('countersign/claim/v1\0', ...parts, Buffer.from([claim['value'] ? 1 : 0])).toString('hex')).toBe(digest);
});

it.each(read<RegistrationVector[]>('registrations'))('log id of $name', ({ registration, logId, headsLogId }) => {
  expect(canonicalize(JSON.parse(registration))).toBe(registration);
  expect(sha256('countersign/log/v1\0', registration).toString('hex')).toBe(logId);
  expect(sha256('countersign/heads-log/v1\0', hex(logId), be(1n, 4)).toString('hex')).toBe(headsLogId);
});

it.each(read<LeavesVectors>('leaves').messages)('leaves message from $firstPosition', (vector) => {
  const body = [hex(vector.logId), be(vector.firstPosition, 8), be(BigInt(vector.entries.length), 4), ...vector.entries.map(hex)];
  expect(Buffer.concat([Buffer.from('countersign/leaves/v1\0'), ...body]).toString('hex')).toBe(vector.signed);
  expect(vector.message.slice(0, -128)).toBe(Buffer.concat([Buffer.from([1]), ...body]).toString('hex'));
});

describe('item heads', () => {
  const vectors = read<ItemHeadVectors>('item-heads');

  it.each(vectors.items)('chain of $itemKey', ({ itemKey, steps, count, valueDigest, mapLeafHash }) => {
    let chain: Buffer = Buffer.alloc(32);
    for (const step of steps) {
      chain = sha256('countersign/item-chain/v1\0', chain, be(step.leafIndex, 8), hex(step.leafHash));
      expect(chain.toString('hex')).toBe(step.chain);
    }
    expect(count).toBe(String(steps.length));
    expect(sha256('countersign/map-value/v1\0', be(count, 8), chain).toString('hex')).toBe(valueDigest);
    expect(sha256('countersign/map-leaf/v1\0', hex(itemKey), hex(valueDigest)).toString('hex')).toBe(mapLeafHash);
  });

  it('map of two adjacent keys hangs on 255 levels with one empty side', () => {
    const leaves = vectors.adjacentKeys.items.map(({ itemKey, valueDigest }) =>
      sha256('countersign/map-leaf/v1\0', hex(itemKey), hex(valueDigest)),
    );
    let root: Buffer = sha256('countersign/map-node/v1\0', ...leaves);
    for (let level = 0; level < 255; level += 1) root = sha256('countersign/map-node/v1\0', root, Buffer.alloc(32));
    expect(root.toString('hex')).toBe(vectors.adjacentKeys.mapRoot);
  });

  it('heads entry', () => {
    const { baseSize, baseRoot, mapRoot, entry } = vectors.headsEntry;
    expect(`01${be(baseSize, 8).toString('hex')}${baseRoot}${mapRoot}`).toBe(entry);
    expect(entry).toHaveLength(2 * 73);
  });
});
