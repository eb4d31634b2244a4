import type { Client } from '@countersign/grpc';
import { CallError } from '@countersign/grpc';
import type { MessageSigner } from '@countersign/kafka';
import { DomainError, ROLES, type Actor, type Role } from '@countersign/kernel';
import type { identityV1 } from '@countersign/proto';
import { LIMITS } from '../config.js';

/** Who signs with a key id. */
export interface ErpSigner extends MessageSigner {
  readonly actor: Actor;
}

/**
 * Principals of signed messages. Undefined if there is none, or it may not sign any more.
 * @throws DomainError DEPENDENCY_UNAVAILABLE
 */
export type ResolveSigner = (kid: string) => Promise<ErpSigner | undefined>;

type PrincipalService = Pick<Client<typeof identityV1.PrincipalService>, 'resolvePrincipal'>;

/** Asks identity once per principal and period; calls that come meanwhile share the answer. */
export function createSignerResolver(
  principals: PrincipalService,
  logOrigin: string,
  now: () => number = Date.now,
): ResolveSigner {
  const known = new Map<string, { readonly until: number; readonly signer: Promise<ErpSigner | undefined> }>();
  return (kid) => {
    const hit = known.get(kid);
    if (hit !== undefined && hit.until > now()) return hit.signer;
    if (known.size >= LIMITS.principalsCachedMax) known.clear();
    const signer = resolve(principals, kid, logOrigin);
    known.set(kid, { until: now() + LIMITS.principalCachedMs, signer });
    // A failure is not an answer: the next message asks again.
    signer.catch(() => known.delete(kid));
    return signer;
  };
}

async function resolve(principals: PrincipalService, kid: string, logOrigin: string): Promise<ErpSigner | undefined> {
  try {
    const found = await principals.resolvePrincipal({ principalId: kid, logOrigin }, { deadlineMs: LIMITS.principalDeadlineMs });
    const { publicKey, pseudonym, organisationId, actingFor, nation } = found;
    const roles = found.roles.filter(isRole);
    return { publicKey, actor: { principalId: kid, pseudonym, organisationId, actingFor, nation, roles } };
  } catch (cause) {
    if (cause instanceof CallError && cause.statusName === 'NOT_FOUND') return undefined;
    throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'identity' } }, { cause });
  }
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
