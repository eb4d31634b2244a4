import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pinPublicKey, privateKeyFromSeed, rawPublicKey, verifyEd25519 } from '@countersign/merkle';
import { authorMessage, parseAuthorSignature } from './author-signature.js';
import { bitFlips, codeOf } from './corruption.builders.js';
import type { AuthorVectors } from './vectors/key-vectors.js';

const path = join(import.meta.dirname, '../../../vectors/author-signatures.json');
const vectors = JSON.parse(readFileSync(path, 'utf8')) as AuthorVectors;
const publicKey = pinPublicKey(rawPublicKey(privateKeyFromSeed(Buffer.from(vectors.seed, 'hex'))));
const { keyId, algorithm, signature } = parseAuthorSignature(vectors.authorsig);

describe('author signatures (reserved)', () => {
  it('are over the bytes of the vectors', () => {
    expect(authorMessage(vectors.intent).toString('hex')).toBe(vectors.message);
    expect([keyId, algorithm]).toEqual(['author-1', 'EdDSA']);
    expect(verifyEd25519(publicKey, authorMessage(vectors.intent), signature)).toBe(true);
  });

  it('do not fit with any bit turned, nor another command', () => {
    for (const other of bitFlips(signature)) expect(verifyEd25519(publicKey, authorMessage(vectors.intent), other)).toBe(false);
    for (const name of ['origin', 'streamId', 'commandId', 'commandType', 'issuedTime'] as const) {
      expect(verifyEd25519(publicKey, authorMessage({ ...vectors.intent, [name]: 'x' }), signature)).toBe(false);
    }
    expect(verifyEd25519(publicKey, authorMessage({ ...vectors.intent, intent: {} }), signature)).toBe(false);
  });

  it.each(['', 'a', 'a.EdDSA', 'a.none.x', 'a.EdDSA.x.y'])('refuse %j', (text) => {
    expect(codeOf(() => parseAuthorSignature(text))).toBe('RECORD_MALFORMED');
  });
});
