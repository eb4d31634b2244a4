import type { KeyObject } from 'node:crypto';

import { createClient, type AccessTokens } from '@countersign/grpc';
import { identityV1 } from '@countersign/proto';

import { signAssertion } from './assertion.js';
import { LIMITS } from './config.js';

/** A fresh access token and how long it lives. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
}

/** Hands out the access token of one principal; see `cachedTokens` for when it is renewed. */
export interface TokenSource extends AccessTokens {
  close(): void;
}

export interface TokenSourceOptions {
  /** `host:port` of identity. */
  readonly identityAddress: string;
  readonly principalId: string;
  /** Ed25519 private key of the principal. */
  readonly privateKey: KeyObject;
  /** For persons with more than one appointment. */
  readonly appointmentId?: string;
}

/** Tokens from identity's TokenService. Calls reject with `CallError` when identity refuses or cannot be reached. */
export function createTokenSource({
  identityAddress,
  principalId,
  privateKey,
  appointmentId = '',
}: TokenSourceOptions): TokenSource {
  const client = createClient(identityV1.TokenService, identityAddress, { deadlineMs: LIMITS.tokenDeadlineMs });
  const tokens = cachedTokens(async () => {
    const clientAssertion = await signAssertion({ principalId, privateKey });
    const { accessToken, expiresIn } = await client.issueToken({ clientAssertion, appointmentId });
    return { accessToken, lifetimeSeconds: expiresIn };
  });
  return { ...tokens, close: () => client.close() };
}

/**
 * Keeps a token until it is about to expire. However many ask, at most one renewal runs; while it runs, and if it fails, an unexpired
 * token goes on being used.
 * @param now milliseconds since 1970; for tests
 */
export function cachedTokens(issue: () => Promise<IssuedToken>, now: () => number = Date.now): AccessTokens {
  let held: { readonly token: string; readonly renewAt: number; readonly expiresAt: number } | undefined;
  let renewal: Promise<string> | undefined;

  const renew = (): Promise<string> => {
    renewal ??= issue()
      .then(({ accessToken, lifetimeSeconds }) => {
        const lifetimeMs = lifetimeSeconds * 1000;
        const renewAt = now() + lifetimeMs * (1 - LIMITS.renewalShare);
        held = { token: accessToken, renewAt, expiresAt: now() + lifetimeMs };
        return accessToken;
      })
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  };

  return {
    token: async () => {
      if (held === undefined || now() >= held.expiresAt) return renew();
      // The held token is good for a while yet; a renewal that fails is tried again by the next caller.
      if (now() >= held.renewAt) renew().catch(() => undefined);
      return held.token;
    },
    forget: () => {
      held = undefined;
    },
  };
}
