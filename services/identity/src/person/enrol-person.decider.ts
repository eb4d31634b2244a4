import { DomainError } from '@countersign/kernel';
import type { PrincipalState } from '../principal/principal.js';
import type { PersonEnrolled, PersonState } from './person.js';

export interface EnrolPerson {
  readonly personId: string;
  readonly organisationId: string;
  readonly nation: string;
  readonly clearance: string;
  readonly name: string;
}

/**
 * Persons and services sign in under one space of ids.
 *
 * @throws DomainError PERSON_EXISTS
 */
export function enrolPerson(state: PersonState, principal: PrincipalState, command: EnrolPerson): PersonEnrolled {
  if (state.status !== 'NONE' || principal.status !== 'NONE') throw new DomainError('PERSON_EXISTS', { field: 'person_id' });
  return { type: 'PersonEnrolled', data: command };
}
