import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { DomainError } from '@countersign/kernel';
import { privateKeyFromSeed, rawPublicKey } from '@countersign/merkle';
import type { CloudEvent } from './cloud-event.js';
import { SIGNATURE_HEADER, signMessage, verifyMessageSignature } from './message-signature.js';

const privateKey = privateKeyFromSeed(Buffer.alloc(32, 7));
const otherKey = generateKeyPairSync('ed25519').privateKey;
const value = Buffer.from('{"piid":"x"}');
const structured: CloudEvent = { mode: 'structured', id: 'a-1', source: '/erp', type: 't', extensions: {}, data: {} };
const binary: CloudEvent = { ...structured, mode: 'binary', time: '2026-11-09T10:00:00Z' };
const resolve = (kid: string): Promise<{ publicKey: Buffer; organisationId: string } | undefined> =>
  Promise.resolve(kid === 'erp-usa-1' ? { publicKey: rawPublicKey(privateKey), organisationId: 'depot' } : undefined);

const compact = (header: object | string, signature?: Buffer): string => {
  const encoded = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)).toString('base64url');
  const bytes = signature ?? sign(null, Buffer.from(`${encoded}.${value.toString('base64url')}`), privateKey);
  return `${encoded}..${bytes.toString('base64url')}`;
};
const verify = (
  signature: string | string[] | undefined,
  event = structured,
  bytes: Buffer | null = value,
): ReturnType<typeof resolve> =>
  verifyMessageSignature(
    {
      headers: new Map(signature === undefined ? [] : [[SIGNATURE_HEADER, [signature].flat().map((each) => Buffer.from(each))]]),
      value: bytes,
    },
    event,
    resolve,
  );
async function codeOf(verification: Promise<unknown>): Promise<string> {
  const error: unknown = await verification.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return (error as DomainError | undefined)?.code ?? 'accepted';
}

describe('A message signature', () => {
  it('names its signer', async () => {
    await expect(verify(signMessage(value, 'erp-usa-1', privateKey))).resolves.toMatchObject({
      principalId: 'erp-usa-1',
      organisationId: 'depot',
    });
  });

  it('is the detached form of RFC 7515 appendix F', async () => {
    await expect(verify(compact({ alg: 'EdDSA', kid: 'erp-usa-1', typ: 'JOSE' }))).resolves.toBeDefined();
  });

  it('covers the attributes of a binary-mode message', async () => {
    const signature = signMessage(value, 'erp-usa-1', privateKey, binary);
    await expect(verify(signature, binary)).resolves.toBeDefined();
    expect(await codeOf(verify(signature, { ...binary, id: 'a-2' }))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(verify(signature, { ...binary, time: undefined }))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(verify(signMessage(value, 'erp-usa-1', privateKey), binary))).toBe('SIGNATURE_INVALID');
  });

  it.each([
    ['none', undefined],
    ['given twice', [signMessage(value, 'erp-usa-1', privateKey), signMessage(value, 'erp-usa-1', privateKey)]],
    ['by another key', signMessage(value, 'erp-usa-1', otherKey)],
    ['of an unknown principal', signMessage(value, 'erp-usa-2', privateKey)],
    ['with algorithm none', compact({ alg: 'none', kid: 'erp-usa-1' }, Buffer.alloc(0))],
    ['with an HMAC algorithm', compact({ alg: 'HS256', kid: 'erp-usa-1' })],
    ['without a key id', compact({ alg: 'EdDSA' })],
    ['with a path as key id', compact({ alg: 'EdDSA', kid: '../erp-usa-1' })],
    ['with a key of its own', compact({ alg: 'EdDSA', kid: 'erp-usa-1', jwk: {} })],
    ['with critical members', compact({ alg: 'EdDSA', kid: 'erp-usa-1', crit: ['b64'], b64: false })],
    ['with a member named twice', compact('{"alg":"EdDSA","kid":"erp-usa-1","kid":"erp-usa-1"}')],
    ['with an attached payload', signMessage(value, 'erp-usa-1', privateKey).replace('..', `.${value.toString('base64url')}.`)],
    ['of the wrong length', compact({ alg: 'EdDSA', kid: 'erp-usa-1' }, Buffer.alloc(63))],
    ['too long', 'x'.repeat(5_000)],
    ['not a JWS', 'abc'],
  ])('is refused: %s', async (_name, signature) => {
    expect(await codeOf(verify(signature))).toBe('SIGNATURE_INVALID');
  });

  it('is refused over any other bytes', async () => {
    const signature = signMessage(value, 'erp-usa-1', privateKey);
    for (let bit = 0; bit < value.length * 8; bit += 1) {
      const changed = Buffer.from(value);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await codeOf(verify(signature, structured, changed))).toBe('SIGNATURE_INVALID');
    }
    expect(await codeOf(verify(signature, structured, null))).toBe('SIGNATURE_INVALID');
  });

  it('lets a failing resolver through, so that an outage is not taken for a forgery', async () => {
    const failing = verifyMessageSignature(
      { headers: new Map([[SIGNATURE_HEADER, [Buffer.from(signMessage(value, 'erp-usa-1', privateKey))]]]), value },
      structured,
      () => Promise.reject(new Error('identity is down')),
    );
    await expect(failing).rejects.toThrow('identity is down');
  });
});
