import { hasRole } from '@countersign/access';
import type { Journal, LogReader } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import type { Operator } from '../operator.js';
import { PERSON_STREAM, PERSONAL_GROUP, type EnrolledPerson } from './person.js';

/** A person as the reader may see it. */
export interface VisiblePerson extends EnrolledPerson {
  /** Undefined if it is not the reader's to know, or was erased. */
  readonly name: string | undefined;
}

/** @throws DomainError NOT_FOUND, also for a person who is not the reader's to know */
export async function getPerson(
  { journal, log, operator }: { readonly journal: Journal; readonly log: LogReader; readonly operator: Operator },
  personId: string,
  reader: Actor,
): Promise<VisiblePerson> {
  const person = await journal.read(PERSON_STREAM, personId);
  if (person?.status !== 'ENROLLED') throw new DomainError('NOT_FOUND', { field: 'person_id' });
  const administers = hasRole(reader, 'administrator');
  const isOwn = administers && reader.organisationId === person.organisationId;
  const isOperators = administers && reader.organisationId === operator.organisationId;
  if (!isOwn && !isOperators && !hasRole(reader, 'auditor', 'service'))
    throw new DomainError('NOT_FOUND', { field: 'person_id' });
  return { ...person, name: isOwn ? await nameOf(log, personId) : undefined };
}

/** Read from the record itself: no state holds a personal value. */
async function nameOf(log: LogReader, personId: string): Promise<string | undefined> {
  const rows = await log.openRows(await log.readStreamRows(`${PERSON_STREAM.category}/${personId}`));
  const names = rows
    .flatMap(({ disclosures }) => disclosures.filter(({ group }) => group === PERSONAL_GROUP))
    .map(({ object }) => object['name'])
    .filter((name) => typeof name === 'string');
  return names.at(-1);
}
