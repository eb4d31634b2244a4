import { randomUUID, type KeyObject } from 'node:crypto';

import { SignJWT } from 'jose';

import { LIMITS, TOKENS } from './config.js';

/**
 * A client assertion (RFC 7523): proves that the caller holds the principal's key. Used once, lives a minute.
 * @param privateKey Ed25519 private key
 */
export async function signAssertion({
  principalId,
  privateKey,
  now = Date.now(),
}: {
  readonly principalId: string;
  readonly privateKey: KeyObject;
  readonly now?: number;
}): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: TOKENS.algorithm })
    .setIssuer(principalId)
    .setSubject(principalId)
    .setAudience(TOKENS.assertionAudience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIMITS.assertionLifetimeSeconds)
    .sign(privateKey);
}
