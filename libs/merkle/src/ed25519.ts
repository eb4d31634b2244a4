import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { DomainError } from '@countersign/kernel';
import { decodePoint, isCanonicalPoint, isReducedScalar, isSmallOrder } from './curve-point.js';

export const PUBLIC_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;
const SEED_SIZE = 32;

// DER around the raw bytes, RFC 8410 sections 4 and 7.
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A public key that passed every check of `pinPublicKey`; made there only. */
export interface PinnedPublicKey {
  readonly raw: Buffer;
  readonly key: KeyObject;
}

/**
 * Checks a raw Ed25519 public key before anything is verified with it: canonical, on the curve, not of small order.
 *
 * @throws DomainError KEY_REFUSED
 */
export function pinPublicKey(raw: Uint8Array): PinnedPublicKey {
  if (raw.length !== PUBLIC_KEY_SIZE) throw keyRefused(`an Ed25519 public key has ${PUBLIC_KEY_SIZE} bytes`);
  const point = decodePoint(raw);
  if (point === undefined) throw keyRefused('must be the canonical encoding of a point (RFC 8032 section 5.1.3)');
  if (isSmallOrder(point)) throw keyRefused('must not be a point of small order');
  const copy = Buffer.from(raw);
  return { raw: copy, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, copy]), format: 'der', type: 'spki' }) };
}

/**
 * The raw 32 bytes of an Ed25519 key's public half.
 *
 * @throws DomainError KEY_REFUSED if it is a key of another kind
 */
export function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw keyRefused('must be an Ed25519 key');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

/** The private key of a 32-byte seed (RFC 8032 section 5.1.5). */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_SIZE) throw keyRefused(`an Ed25519 seed has ${SEED_SIZE} bytes`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** Ed25519 signature of the message, 64 bytes; the same every time (RFC 8032 section 5.1.6). */
export function signEd25519(privateKey: KeyObject, message: Uint8Array): Buffer {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw keyRefused('must be an Ed25519 key');
  return sign(null, message, privateKey);
}

/**
 * Strict RFC 8032 verification: S below the group order, R canonical, no cofactor. Libraries differ in exactly these
 * points, and a signature that only some accept would split verifiers.
 */
export function verifyEd25519(publicKey: PinnedPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return isWellFormed(signature) && verify(null, message, publicKey.key, signature);
}

/**
 * Like `verifyEd25519`, on a thread of the pool: one costs some 100 µs, and many callers at once would stand in line for one
 * processor while others are free.
 */
export function verifyEd25519InPool(publicKey: PinnedPublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (!isWellFormed(signature)) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    verify(null, message, publicKey.key, signature, (error, holds) => (error === null ? resolve(holds) : reject(error)));
  });
}

function isWellFormed(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_SIZE && isCanonicalPoint(signature.subarray(0, 32)) && isReducedScalar(signature.subarray(32))
  );
}

function keyRefused(rule: string): DomainError {
  return new DomainError('KEY_REFUSED', { field: 'key', rule });
}
