import { createPublicKey, randomUUID, type KeyObject } from 'node:crypto';
import { TOKENS, type AccessTokenClaims } from '@countersign/access';
import { calculateJwkThumbprint, exportJWK, SignJWT, type JSONWebKeySet } from 'jose';
import { LIMITS } from '../config.js';

/** Signs access tokens and publishes the key to verify them with. */
export interface TokenSigner {
  sign(claims: AccessTokenClaims, now: Date): Promise<string>;
  /** RFC 7517. */
  readonly keySet: JSONWebKeySet;
}

/** @param privateKey Ed25519; its key id is the thumbprint of RFC 7638 */
export async function createTokenSigner(privateKey: KeyObject): Promise<TokenSigner> {
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return {
    keySet: { keys: [{ ...jwk, kid, alg: TOKENS.algorithm, use: 'sig' }] },
    sign: async ({ sub, ...claims }, now) => {
      const issuedAt = Math.floor(now.getTime() / 1000);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: TOKENS.algorithm, kid, typ: 'JWT' })
        .setIssuer(TOKENS.issuer)
        .setAudience(TOKENS.audience)
        .setSubject(sub)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIMITS.tokenLifetimeSeconds)
        .sign(privateKey);
    },
  };
}
