import type { Journal } from '@countersign/event-log';
import type { Actor } from '@countersign/kernel';
import { AGREEMENT, type ExistingAgreement } from './agreement.js';
import { requireAgreement } from './open-agreement.js';

/** @throws DomainError NOT_FOUND */
export async function readAgreement(journal: Journal, actor: Actor, piid: string): Promise<ExistingAgreement> {
  return requireAgreement(await journal.read(AGREEMENT, piid), actor, 'buyer', 'supplier');
}
