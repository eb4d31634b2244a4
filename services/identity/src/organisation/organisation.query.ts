import type { Journal } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';
import { CODE, codeKey, type Code } from './code.js';
import { ORGANISATION, type ActiveOrganisation } from './organisation.js';

/** @throws DomainError NOT_FOUND */
export async function getOrganisation(
  journal: Journal,
  organisationId: string,
  field = 'organisation_id',
): Promise<ActiveOrganisation> {
  const organisation = await journal.read(ORGANISATION, organisationId);
  if (organisation?.status !== 'ACTIVE') throw new DomainError('NOT_FOUND', { field });
  return organisation;
}

/** The organisation that holds the code now. @throws DomainError NOT_FOUND */
export async function findOrganisation(journal: Journal, code: Code): Promise<ActiveOrganisation> {
  const state = await journal.read(CODE, codeKey(code));
  if (state?.holder === undefined) throw new DomainError('NOT_FOUND');
  return getOrganisation(journal, state.holder);
}
