import type { Journal } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';

/**
 * Whoever was given no part in a stream gets the answer of a missing one, so that asking tells nothing. No role opens it: auditors read
 * evidence, at its own door.
 * @throws DomainError NOT_FOUND
 */
export async function requireParty(journal: Pick<Journal, 'mayRead'>, streamId: string, actor: Actor): Promise<void> {
  if (!(await journal.mayRead(streamId, actor.organisationId))) throw new DomainError('NOT_FOUND');
}
