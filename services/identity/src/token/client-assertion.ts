import { TOKENS } from '@countersign/access';
import { DomainError } from '@countersign/kernel';
import { pinPublicKey } from '@countersign/merkle';
import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';

/** What an assertion says that holds every check; whether it was used before is for `UsedAssertions` to say. */
export interface ClientAssertion {
  readonly principalId: string;
  readonly assertionId: string;
  /** After this moment nobody accepts it any more. */
  readonly expiresAt: Date;
}

const PRINCIPAL_ID = /^[a-z0-9][a-z0-9-]{2,62}$/;
const CLAIMS = z.object({
  iss: z.string(),
  jti: z.string().min(8).max(128),
  iat: z.number().int(),
  exp: z.number().int(),
});

/** Whose assertion this claims to be; nothing is believed yet. @throws DomainError UNAUTHENTICATED */
export function claimedPrincipal(assertion: string): string {
  let payload: JWTPayload;
  try {
    payload = decodeJwt(assertion);
  } catch (error) {
    throw refused(error);
  }
  if (payload.sub === undefined || !PRINCIPAL_ID.test(payload.sub)) throw refused();
  return payload.sub;
}

/**
 * Verifies a client assertion (RFC 7523 section 3, RFC 8725): fixed algorithm, the principal's own key, our audience, a short life.
 *
 * @param publicKey Ed25519, base64url
 * @throws DomainError UNAUTHENTICATED, the same whatever is wrong
 */
export async function verifyClientAssertion(
  assertion: string,
  principal: { readonly principalId: string; readonly publicKey: string },
  now: Date,
): Promise<ClientAssertion> {
  const { principalId } = principal;
  const { key } = pinPublicKey(Buffer.from(principal.publicKey, 'base64url'));
  try {
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: [TOKENS.algorithm],
      issuer: principalId,
      subject: principalId,
      audience: TOKENS.assertionAudience,
      clockTolerance: TOKENS.clockToleranceSeconds,
      maxTokenAge: TOKENS.assertionLifetimeSecondsMax,
      currentDate: now,
    });
    const { jti, iat, exp } = CLAIMS.parse(payload);
    if (exp - iat > TOKENS.assertionLifetimeSecondsMax) throw refused();
    return { principalId, assertionId: jti, expiresAt: new Date(exp * 1000) };
  } catch (error) {
    throw refused(error);
  }
}

function refused(cause?: unknown): DomainError {
  return new DomainError('UNAUTHENTICATED', {}, { cause });
}
