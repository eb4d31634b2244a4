import type { TokenSource, TokenVerifier } from '@countersign/access';
import { DomainError, type Actor } from '@countersign/kernel';

/**
 * The service itself, as actor of what it records on its own account (reactions to facts). Its pseudonym comes from identity like
 * everybody's, so the first call needs identity.
 * @throws DomainError DEPENDENCY_UNAVAILABLE
 */
export type ServiceActor = () => Promise<Actor>;

/** Read from the service's own access token. */
export function createServiceActor(tokens: Pick<TokenSource, 'token'>, verifier: Pick<TokenVerifier, 'verify'>): ServiceActor {
  let known: { readonly token: string; readonly actor: Actor } | undefined;
  return async () => {
    try {
      const token = await tokens.token();
      if (known?.token !== token) known = { token, actor: await verifier.verify(token) };
      return known.actor;
    } catch (cause) {
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { context: { dependency: 'identity' } }, { cause });
    }
  };
}
