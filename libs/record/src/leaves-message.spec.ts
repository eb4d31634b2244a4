import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pinPublicKey, privateKeyFromSeed, rawPublicKey } from '@countersign/merkle';
import { bitFlips, codeOf, lengthChanges } from './corruption.builders.js';
import { encodeLeavesMessage, LEAVES_MAX, parseLeavesMessage, verifyLeavesMessage } from './leaves-message.js';
import type { LeavesVectors } from './vectors/key-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/leaves.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as LeavesVectors;
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const privateKey = privateKeyFromSeed(hex(vectors.seed));
const publicKey = pinPublicKey(hex(vectors.publicKey));
const [first, single] = vectors.messages;
const logId = hex(first!.logId);
const entries = first!.entries.map(hex);
const accept = (message: Uint8Array): void => verifyLeavesMessage(parseLeavesMessage(message), { logId, publicKey });

describe('leaves messages', () => {
  it.each(vectors.messages)('are those of the vectors from position $firstPosition', (vector) => {
    const leaves = {
      logId: hex(vector.logId),
      firstPosition: BigInt(vector.firstPosition),
      entries: vector.entries.map(hex),
      privateKey,
    };
    const message = encodeLeavesMessage(leaves);
    expect(message.toString('hex')).toBe(vector.message);
    const parsed = parseLeavesMessage(message);
    expect(parsed).toMatchObject({ logId: leaves.logId, firstPosition: leaves.firstPosition, entries: leaves.entries });
    expect(parsed.signed.toString('hex')).toBe(vector.signed);
    expect(codeOf(() => accept(message))).toBeUndefined();
  });

  it('with any bit turned are refused', () => {
    const codes = new Set(bitFlips(hex(single!.message)).map((other) => codeOf(() => accept(other))));
    expect(codes).toEqual(new Set(['RECORD_MALFORMED', 'SIGNATURE_INVALID']));
  });

  it('with a byte or an entry more or less are refused', () => {
    const message = hex(first!.message);
    const shorter = [
      message.subarray(0, -64 - 105),
      message.subarray(0, 45),
      Buffer.concat([message.subarray(0, -64 - 105), message.subarray(-64)]),
    ];
    for (const other of [...lengthChanges(message), ...shorter]) expect(codeOf(() => accept(other))).toBe('RECORD_MALFORMED');
  });

  it('are refused from another key and for another log', () => {
    const stranger = pinPublicKey(rawPublicKey(generateKeyPairSync('ed25519').publicKey));
    const message = parseLeavesMessage(hex(first!.message));
    expect(codeOf(() => verifyLeavesMessage(message, { logId, publicKey: stranger }))).toBe('SIGNATURE_INVALID');
    expect(codeOf(() => verifyLeavesMessage(message, { logId: Buffer.alloc(32), publicKey }))).toBe('SIGNATURE_INVALID');
  });

  it('hold one to a thousand entries', () => {
    const many = Array.from({ length: LEAVES_MAX }, () => entries[0]!);
    expect(codeOf(() => accept(encodeLeavesMessage({ logId, firstPosition: 5n, entries: many, privateKey })))).toBeUndefined();
    const encode = (some: readonly Buffer[]): unknown =>
      encodeLeavesMessage({ logId, firstPosition: 5n, entries: some, privateKey });
    expect(codeOf(() => encode([...many, entries[0]!]))).toBe('FIELD_INVALID');
    expect(codeOf(() => encode([]))).toBe('FIELD_INVALID');
  });

  it('are not made of what is no entry, log id or position', () => {
    const encode = (change: object): unknown => encodeLeavesMessage({ logId, firstPosition: 0n, entries, privateKey, ...change });
    expect(codeOf(() => encode({ entries: [Buffer.alloc(105)] }))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => encode({ entries: [entries[0]!.subarray(1)] }))).toBe('RECORD_MALFORMED');
    expect(codeOf(() => encode({ logId: logId.subarray(1) }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encode({ firstPosition: -1n }))).toBe('FIELD_INVALID');
    expect(codeOf(() => encode({ firstPosition: 2n ** 64n - 1n }))).toBe('FIELD_INVALID');
  });
});
