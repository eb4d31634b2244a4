import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bitFlips, lengthChanges, refusalOf } from './corruption.builders.js';
import { decodePoint, isCanonicalPoint, isReducedScalar } from './curve-point.js';
import { pinPublicKey, privateKeyFromSeed, rawPublicKey, signEd25519, verifyEd25519, verifyEd25519InPool } from './ed25519.js';
import {
  BASE_POINT,
  decodeNumber,
  encodeNumber,
  encodePoint,
  GROUP_ORDER,
  multiply,
  secretScalar,
  signWithTorsion,
} from './edwards.builders.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** RFC 8032 section 7.1, tests 1 to 3. */
const RFC_8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

/** The eight points of small order, canonically encoded. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];

/** Second encodings: y not below p, or a sign where x is 0. */
const NOT_CANONICAL = [
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(31)}`,
  `ed${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(31)}`,
  `ee${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
  `f0${'ff'.repeat(30)}7f`,
  'ff'.repeat(32),
];

type Signed = Parameters<typeof verifyEd25519>;

const seed = Buffer.alloc(32, 9);
const message = Buffer.from('countersign');
const key = pinPublicKey(rawPublicKey(privateKeyFromSeed(seed)));
const signature = signEd25519(privateKeyFromSeed(seed), message);

describe('pinPublicKey', () => {
  it.each(RFC_8032)('accepts $publicKey', ({ publicKey }) => {
    expect(pinPublicKey(hex(publicKey)).raw).toEqual(hex(publicKey));
  });

  it.each(SMALL_ORDER)('refuses %s, of small order', (encoded) => {
    expect(multiply(decodePoint(hex(encoded))!, 8n)).toEqual({ x: 0n, y: 1n });
    expect(refusalOf(() => pinPublicKey(hex(encoded)))).toBe('KEY_REFUSED');
  });

  it.each(NOT_CANONICAL)('refuses %s, not canonical', (encoded) => {
    expect(decodePoint(hex(encoded))).toBeUndefined();
    expect(refusalOf(() => pinPublicKey(hex(encoded)))).toBe('KEY_REFUSED');
  });

  it('refuses about half of all bytes, which are no point, and accepts every point that is a key', () => {
    const numbers = Array.from({ length: 64 }, (_, index) => encodeNumber(BigInt(index + 2)));
    const refused = numbers.filter((encoded) => refusalOf(() => pinPublicKey(encoded)) !== undefined);
    expect(refused.length).toBeGreaterThan(15);
    expect(refused.length).toBeLessThan(49);
    for (let index = 0; index < 8; index += 1) {
      const { publicKey } = generateKeyPairSync('ed25519');
      expect(refusalOf(() => pinPublicKey(rawPublicKey(publicKey)))).toBeUndefined();
    }
  });

  it('finds the coordinates of a public key', () => {
    const point = multiply(BASE_POINT, secretScalar(seed));
    expect(decodePoint(key.raw)).toEqual(point);
    expect(encodePoint(point)).toEqual(key.raw);
  });

  it('refuses another length and keys of another kind', () => {
    for (const raw of lengthChanges(key.raw)) expect(refusalOf(() => pinPublicKey(raw))).toBe('KEY_REFUSED');
    expect(refusalOf(() => privateKeyFromSeed(Buffer.alloc(31)))).toBe('KEY_REFUSED');
    const other = generateKeyPairSync('ed448');
    expect(refusalOf(() => rawPublicKey(other.publicKey))).toBe('KEY_REFUSED');
    expect(refusalOf(() => signEd25519(other.privateKey, message))).toBe('KEY_REFUSED');
  });
});

// OpenSSL makes these checks as well; a platform whose library does not must not accept more than we do.
describe('our own checks of encodings', () => {
  it('know the group order', () => {
    for (const scalar of [0n, 1n, GROUP_ORDER - 1n]) expect(isReducedScalar(encodeNumber(scalar))).toBe(true);
    for (const scalar of [GROUP_ORDER, GROUP_ORDER + 1n, 2n ** 253n, 2n ** 256n - 1n])
      expect(isReducedScalar(encodeNumber(scalar))).toBe(false);
  });

  it('know the one encoding of every y', () => {
    for (const encoded of SMALL_ORDER) expect(isCanonicalPoint(hex(encoded))).toBe(true);
    for (const encoded of NOT_CANONICAL) expect(isCanonicalPoint(hex(encoded))).toBe(false);
  });
});

describe.each([
  ['verifyEd25519', (...signed: Signed) => Promise.resolve(verifyEd25519(...signed))],
  ['verifyEd25519InPool', (...signed: Signed) => verifyEd25519InPool(...signed)],
])('%s', (_name, holds) => {
  it.each(RFC_8032)('agrees with RFC 8032 on $publicKey', async (test) => {
    const privateKey = privateKeyFromSeed(hex(test.seed));
    expect(rawPublicKey(privateKey)).toEqual(hex(test.publicKey));
    expect(signEd25519(privateKey, hex(test.message))).toEqual(hex(test.signature));
    expect(await holds(pinPublicKey(hex(test.publicKey)), hex(test.message), hex(test.signature))).toBe(true);
  });

  it('refuses a signature with any bit turned or another length', async () => {
    expect(await holds(key, message, signature)).toBe(true);
    for (const other of [...bitFlips(signature), ...lengthChanges(signature)])
      expect(await holds(key, message, other)).toBe(false);
  });

  it('refuses any other message', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 40 }),
        async (other) => (await holds(key, other, signature)) === message.equals(other),
      ),
    );
  });

  it('refuses S plus the group order', async () => {
    const s = decodeNumber(signature.subarray(32));
    for (const factor of [1n, 2n, 15n]) {
      const other = s + factor * GROUP_ORDER;
      if (other >= 2n ** 256n) continue;
      expect(await holds(key, message, Buffer.concat([signature.subarray(0, 32), encodeNumber(other)]))).toBe(false);
    }
  });

  it.each(NOT_CANONICAL)('refuses R = %s', async (r) => {
    expect(await holds(key, message, Buffer.concat([hex(r), signature.subarray(32)]))).toBe(false);
  });

  it('refuses what only a verifier with cofactor accepts (ZIP-215)', async () => {
    const identity = decodePoint(hex(SMALL_ORDER[0]!))!;
    expect(await holds(key, message, signWithTorsion(seed, message, identity))).toBe(true);
    for (const encoded of SMALL_ORDER.slice(1)) {
      expect(await holds(key, message, signWithTorsion(seed, message, decodePoint(hex(encoded))!))).toBe(false);
    }
  });
});
