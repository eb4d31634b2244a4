// The curve of RFC 8032 section 5.1: −x² + y² = 1 + d·x²·y² over the integers modulo p.
const P = 2n ** 255n - 19n;
const D = modulo(-121665n * power(121666n, P - 2n));
const SQRT_MINUS_ONE = power(2n, (P - 1n) / 4n);
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

const SIGN_BIT = 1n << 255n;

/** One of the two y of the points of order 8; the other is its negative. */
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y of the eight points whose order divides 8: neutral element, order 2, order 4, order 8; but for the first two each with ±x. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([1n, P - 1n, 0n, ORDER_8_Y, P - ORDER_8_Y]);

/** Whether it is the one encoding of a y below p; says nothing about lying on the curve (RFC 8032 section 5.1.3, step 1). */
export function isCanonicalPoint(encoded: Uint8Array): boolean {
  const y = littleEndian(encoded) & ~SIGN_BIT;
  const hasSign = (encoded[31] as number) >= 0x80;
  // Where x is 0 there is no −x, so the sign bit must be clear (step 4).
  return y < P && !(hasSign && (y === 1n || y === P - 1n));
}

/** Whether it is below the group order: a larger S would be a second signature for the same message (section 5.1.7). */
export function isReducedScalar(encoded: Uint8Array): boolean {
  return littleEndian(encoded) < GROUP_ORDER;
}

/** The point's x and y, or undefined if it is not canonical or not on the curve (section 5.1.3). */
export function decodePoint(encoded: Uint8Array): { x: bigint; y: bigint } | undefined {
  if (!isCanonicalPoint(encoded)) return undefined;
  const y = littleEndian(encoded) & ~SIGN_BIT;
  const x = squareRootOfRatio(modulo(y * y - 1n), modulo(D * y * y + 1n));
  if (x === undefined) return undefined;
  const signed = (encoded[31] as number) >= 0x80;
  return { x: (x % 2n === 1n) === signed ? x : modulo(-x), y };
}

/** Whether eight times the point is the neutral element: with such a key one signature fits many messages. */
export function isSmallOrder(point: { y: bigint }): boolean {
  return SMALL_ORDER_Y.has(point.y);
}

/** A root of u/v with a single exponentiation (RFC 8032 section 5.1.3, steps 2 and 3). */
function squareRootOfRatio(u: bigint, v: bigint): bigint | undefined {
  const v3 = modulo(v * v * v);
  const candidate = modulo(u * v3 * power(modulo(u * v3 * v3 * v), (P - 5n) / 8n));
  for (const root of [candidate, modulo(candidate * SQRT_MINUS_ONE)]) {
    if (modulo(v * root * root) === u) return root;
  }
  return undefined;
}

function power(factor: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = modulo(factor);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
