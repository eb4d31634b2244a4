import type { Journal } from '@countersign/event-log';
import { DomainError, parseTime } from '@countersign/kernel';
import { LIMITS } from '../config.js';
import { findPrincipal, standingOf } from '../principal/standing.query.js';
import { claimedPrincipal, verifyClientAssertion } from './client-assertion.js';
import type { Pseudonyms } from './pseudonyms.js';
import type { TokenSigner } from './token-signer.js';
import type { UsedAssertions } from './used-assertions.js';

export interface IssuedToken {
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
}

export interface TokenParts {
  readonly journal: Journal;
  readonly signer: TokenSigner;
  readonly pseudonyms: Pseudonyms;
  readonly usedAssertions: UsedAssertions;
  readonly clock: () => Date;
}

export class IssueTokenHandler {
  constructor(private readonly parts: TokenParts) {}

  /**
   * @param appointmentId empty: the only valid one
   * @throws DomainError UNAUTHENTICATED (the same whatever is wrong with the assertion), APPOINTMENT_REQUIRED, PERMISSION_DENIED
   */
  async issue(assertion: string, appointmentId: string): Promise<IssuedToken> {
    const { journal, signer, pseudonyms, usedAssertions, clock } = this.parts;
    const now = clock();
    const principal = await findPrincipal(journal, claimedPrincipal(assertion));
    if (principal === undefined) throw new DomainError('UNAUTHENTICATED');
    const { principalId, assertionId, expiresAt } = await verifyClientAssertion(assertion, principal, now);
    // Spent before it is answered: an assertion that is sent again gets nothing, whatever became of the first answer.
    if (!(await usedAssertions.use(principalId, assertionId, expiresAt))) throw new DomainError('UNAUTHENTICATED');
    const standing = await standingOf(journal, principal, appointmentId, parseTime(now.toISOString(), 'now'));
    const accessToken = await signer.sign(
      {
        sub: principalId,
        org: standing.organisationId,
        acting_for: standing.actingFor,
        nation: standing.nation,
        roles: standing.roles,
        pseudonyms: Object.fromEntries(await pseudonyms.of(standing)),
      },
      now,
    );
    return { accessToken, lifetimeSeconds: LIMITS.tokenLifetimeSeconds };
  }
}
