import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import type { Actor } from '@countersign/kernel';
import { exportJWK, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose';

import { TOKENS } from './config.js';

/** Access tokens as identity signs them, for tests: a key of their own, any actor. */
export interface TestTokens {
  readonly jwks: JSONWebKeySet;
  /** @param change claims that take the place of the right ones */
  tokenOf(actor: Omit<Actor, 'pseudonym'>, change?: JWTPayload): Promise<string>;
}

const KEY_ID = 'test';
const LIFETIME_SECONDS = 600;

/** @param logOrigins origins of the logs the tokens carry pseudonyms for */
export async function createTestTokens(logOrigins: readonly string[] = []): Promise<TestTokens> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = await exportJWK(createPublicKey(privateKey));
  return {
    jwks: { keys: [{ ...jwk, kid: KEY_ID, alg: TOKENS.algorithm, use: 'sig' }] },
    tokenOf: ({ principalId, organisationId, actingFor, nation, roles }, change = {}) => {
      const issuedAt = Math.floor(Date.now() / 1000);
      return new SignJWT({
        iss: TOKENS.issuer,
        aud: TOKENS.audience,
        sub: principalId,
        org: organisationId,
        acting_for: actingFor,
        nation,
        roles: [...roles],
        pseudonyms: Object.fromEntries(logOrigins.map((origin) => [origin, `pseudonym-of-${principalId}`])),
        iat: issuedAt,
        exp: issuedAt + LIFETIME_SECONDS,
        ...change,
      })
        .setProtectedHeader({ alg: TOKENS.algorithm, kid: KEY_ID, typ: 'JWT' })
        .sign(privateKey);
    },
  };
}
