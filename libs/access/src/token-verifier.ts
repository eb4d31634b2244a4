import { DomainError, ROLES, type Actor, type Role } from '@countersign/kernel';
import type { Metadata } from '@grpc/grpc-js';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';

import { LIMITS, TOKENS } from './config.js';

/** What identity puts into an access token, besides `iss`, `aud`, `iat` and `exp`. */
export interface AccessTokenClaims {
  /** Principal id. */
  readonly sub: string;
  /** Organisation id. */
  readonly org: string;
  /** DoDAAC or CAGE code. */
  readonly acting_for: string;
  /** ISO 3166 trigraph. */
  readonly nation: string;
  readonly roles: readonly string[];
  /** Actor pseudonym by log origin. */
  readonly pseudonyms: Readonly<Record<string, string>>;
}

/** Turns tokens into actors. Stateless but for the cached key set. */
export interface TokenVerifier {
  /**
   * @param token compact JWS
   * @throws DomainError UNAUTHENTICATED (the same whatever is wrong), DEPENDENCY_UNAVAILABLE (the keys cannot be fetched)
   */
  verify(token: string): Promise<Actor>;
  /** Reads `authorization: Bearer <token>`; bound, for `createGrpcDoor`. Milliseconds since 1970: from then on the token is refused. */
  readonly authenticate: (metadata: Metadata) => Promise<Actor & { readonly tokenEndsAtMs: number }>;
}

export interface TokenVerifierOptions {
  /** Identity's key set: an http address, or the set itself. */
  readonly keys: { readonly jwksUrl: string } | { readonly jwks: JSONWebKeySet };
  /** Origin of the log this service writes; the actor gets the pseudonym of this log. Absent: the service has no log and the pseudonym is empty. */
  readonly logOrigin?: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

export function createTokenVerifier({ keys, logOrigin, now = Date.now }: TokenVerifierOptions): TokenVerifier {
  const keySet = 'jwks' in keys ? createLocalJWKSet(keys.jwks) : remoteKeys(keys.jwksUrl);
  const authenticated = async (token: string): Promise<Actor & { readonly tokenEndsAtMs: number }> => {
    if (token.length > TOKENS.lengthMax) throw new DomainError('UNAUTHENTICATED');
    const payload = await verifiedPayload(token, keySet, new Date(now()));
    const actor = actorOf(payload, logOrigin);
    if (actor === undefined) throw new DomainError('UNAUTHENTICATED');
    return { ...actor, tokenEndsAtMs: endOf(payload) };
  };
  return {
    verify: async (token) => {
      const { tokenEndsAtMs: _, ...actor } = await authenticated(token);
      return actor;
    },
    authenticate: async (metadata) => authenticated(bearerOf(metadata)),
  };
}

/** By the same rules that admit it: its expiry, or its greatest age, whichever comes first. */
function endOf({ exp = 0, iat = 0 }: JWTPayload): number {
  return (Math.min(exp, iat + TOKENS.lifetimeSecondsMax) + TOKENS.clockToleranceSeconds) * 1000;
}

/** @throws DomainError UNAUTHENTICATED unless there is exactly one bearer token */
function bearerOf(metadata: Metadata): string {
  const [value, ...more] = metadata.get('authorization');
  const match = typeof value === 'string' && more.length === 0 ? /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(value) : null;
  if (match?.[1] === undefined) throw new DomainError('UNAUTHENTICATED');
  return match[1];
}

async function verifiedPayload(token: string, keySet: JWTVerifyGetKey, currentDate: Date): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keySet, {
      algorithms: [TOKENS.algorithm],
      issuer: TOKENS.issuer,
      audience: TOKENS.audience,
      clockTolerance: TOKENS.clockToleranceSeconds,
      maxTokenAge: TOKENS.lifetimeSecondsMax,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate,
    });
    return payload;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('UNAUTHENTICATED', {}, { cause: error });
  }
}

/** No keys, no verdict: a key set that cannot be fetched is an outage, never a reason to let anybody in or to call a token bad. */
function remoteKeys(url: string): JWTVerifyGetKey {
  const fetchKey = createRemoteJWKSet(new URL(url), {
    timeoutDuration: LIMITS.keySetTimeoutMs,
    cooldownDuration: LIMITS.keySetCooldownMs,
    cacheMaxAge: LIMITS.keySetAgeMaxMs,
  });
  return async (header, token) => {
    try {
      return await fetchKey(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      )
        throw error;
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'identity key set' } }, { cause: error });
    }
  };
}

function actorOf(payload: JWTPayload, logOrigin: string | undefined): Actor | undefined {
  const {
    sub,
    org,
    acting_for: actingFor,
    nation,
    roles,
    pseudonyms,
  } = payload as Partial<Record<keyof AccessTokenClaims, unknown>>;
  const pseudonym = logOrigin === undefined ? '' : memberOf(pseudonyms, logOrigin);
  if (!isText(sub) || !isText(org) || !isText(actingFor) || !isText(nation) || !Array.isArray(roles) || pseudonym === undefined)
    return undefined;
  return { principalId: sub, pseudonym, organisationId: org, actingFor, nation, roles: roles.filter(isRole) };
}

function memberOf(object: unknown, name: string): string | undefined {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined;
  const value: unknown = (object as Record<string, unknown>)[name];
  return isText(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A role this version does not know grants nothing. */
function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}
