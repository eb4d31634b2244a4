import type { Journal } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { REQUISITION, requisitionKey, type ExistingRequisition, type RequisitionName } from './requisition.js';
import { requireRequisition } from './open-requisition.js';

/** @throws DomainError NOT_FOUND unless it was shared with the actor's organisation */
export async function readRequisition(journal: Journal, actor: Actor, name: RequisitionName): Promise<ExistingRequisition> {
  const key = requisitionKey(name);
  const requisition = requireRequisition(await journal.read(REQUISITION, key));
  const readable = await journal.mayRead(`${REQUISITION.category}/${key}`, actor.organisationId);
  if (!readable) throw new DomainError('NOT_FOUND', { field: 'requisition' });
  return requisition;
}
