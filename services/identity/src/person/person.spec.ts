import { describe, expect, it } from '@jest/globals';
import { given, personEnrolled, servicePrincipalRegistered } from '../identity.builders.js';
import { PRINCIPAL } from '../principal/principal.js';
import { enrolPerson, type EnrolPerson } from './enrol-person.decider.js';
import { PERSON_STREAM } from './person.js';

const COMMAND: EnrolPerson = {
  personId: 'clerk',
  organisationId: 'depot-usa',
  nation: 'USA',
  clearance: 'UNCLASSIFIED',
  name: 'Receiving clerk',
};
const taken = expect.objectContaining({ code: 'PERSON_EXISTS', detail: expect.objectContaining({ field: 'person_id' }) });

describe('when nobody has the id', () => {
  it('enrols the person', () => {
    expect(enrolPerson(given(PERSON_STREAM), given(PRINCIPAL), COMMAND)).toEqual({ type: 'PersonEnrolled', data: COMMAND });
  });
});

describe('when the id is taken', () => {
  it('refuses it for a second person', () => {
    expect(() => enrolPerson(given(PERSON_STREAM, personEnrolled()), given(PRINCIPAL), COMMAND)).toThrow(taken);
  });

  it('refuses it if a service signs in under it', () => {
    expect(() => enrolPerson(given(PERSON_STREAM), given(PRINCIPAL, servicePrincipalRegistered()), COMMAND)).toThrow(taken);
  });
});

it('no state holds the name, erased or not', () => {
  const named = given(PERSON_STREAM, personEnrolled({ name: 'canary-7741' }));
  expect(JSON.stringify(named)).not.toContain('canary');
  expect(named).toEqual(given(PERSON_STREAM, personEnrolled()));
});

it('appointments are kept in the order in which they were made', () => {
  const appointed = ['a-1', 'a-2'].map((appointmentId) => ({
    type: 'PersonAppointed' as const,
    data: { personId: 'clerk', appointmentId },
  }));
  expect(given(PERSON_STREAM, personEnrolled(), ...appointed)).toMatchObject({ appointmentIds: ['a-1', 'a-2'] });
});
