import type { UnitOfWork } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import { STORAGE } from './storage.js';

/**
 * The ledger of a RIC is written by the organisation it belongs to.
 * @throws DomainError STORAGE_UNKNOWN, PERMISSION_DENIED
 */
export async function requireStorage(unit: UnitOfWork, ric: string, actor: Actor): Promise<void> {
  const storage = await unit.open(STORAGE, ric);
  if (storage.state.status === 'NONE') throw new DomainError('STORAGE_UNKNOWN', { field: 'ric' });
  if (storage.state.organisationId !== actor.organisationId) throw new DomainError('PERMISSION_DENIED');
}
