import { createHash } from 'node:crypto';

/** Textbook Ed25519 on big integers, to build the signatures that strict and lax verifiers disagree about. For tests only. */

const P = 2n ** 255n - 19n;
export const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (value: bigint, modulus = P): bigint => ((value % modulus) + modulus) % modulus;

function power(factor: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = mod(factor); rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) result = mod(result * square);
  }
  return result;
}

const inverse = (value: bigint): bigint => power(value, P - 2n);
const D = mod(-121665n * inverse(121666n));

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export function multiply(point: Point, scalar: bigint): Point {
  let result: Point = { x: 0n, y: 1n };
  for (let rest = scalar, double = point; rest > 0n; rest >>= 1n, double = add(double, double)) {
    if (rest & 1n) result = add(result, double);
  }
  return result;
}

export const BASE_POINT: Point = {
  x: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  y: mod(4n * inverse(5n)),
};

export function encodePoint({ x, y }: Point): Buffer {
  return encodeNumber(y | ((x & 1n) << 255n));
}

export function encodeNumber(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

export function decodeNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** The secret scalar of a seed (RFC 8032 section 5.1.5). */
export function secretScalar(seed: Uint8Array): bigint {
  const digest = createHash('sha512').update(seed).digest().subarray(0, 32);
  return (decodeNumber(digest) & (2n ** 254n - 8n)) | (1n << 254n);
}

/** A signature whose R is moved by a point of small order: valid with the cofactor (ZIP-215), not without it (RFC 8032). */
export function signWithTorsion(seed: Uint8Array, message: Uint8Array, torsion: Point): Buffer {
  const scalar = secretScalar(seed);
  const nonce = 123456789n;
  const r = encodePoint(add(multiply(BASE_POINT, nonce), torsion));
  const digest = createHash('sha512')
    .update(r)
    .update(encodePoint(multiply(BASE_POINT, scalar)))
    .update(message)
    .digest();
  const s = mod(nonce + mod(decodeNumber(digest), GROUP_ORDER) * scalar, GROUP_ORDER);
  return Buffer.concat([r, encodeNumber(s)]);
}
