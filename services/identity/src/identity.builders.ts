import type { Actor, CommandEnvelope, DomainEvent, Role, StreamDefinition } from '@countersign/kernel';
import type { AppointmentMade } from './appointment/appointment.js';
import { NO_CODES, type ActiveOrganisation, ORGANISATION, type OrganisationRegistered } from './organisation/organisation.js';
import { PERSON_STREAM, type EnrolledPerson, type PersonEnrolled } from './person/person.js';
import type { ServicePrincipalRegistered } from './principal/principal.js';

/** The state after a history. Histories are built from events, never from state. */
export function given<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>, ...history: Event[]): State {
  return history.reduce((state, event) => definition.evolve(state, event), definition.initial);
}

/** A depot with two DoDAACs and one storage activity. */
export function organisationRegistered(change: Partial<OrganisationRegistered['data']> = {}): OrganisationRegistered {
  const data = {
    organisationId: 'depot-usa',
    name: 'Depot',
    nation: 'USA',
    ...NO_CODES,
    dodaacs: ['W99DP1', 'W99CT1'],
    rics: ['Z9D'],
    kinds: ['storage'],
  };
  return { type: 'OrganisationRegistered', data: { ...data, ...change } };
}

/** @throws Error if the event does not register one */
export function activeOrganisation(event = organisationRegistered()): ActiveOrganisation {
  const state = given(ORGANISATION, event);
  if (state.status !== 'ACTIVE') throw new Error('no organisation');
  return state;
}

export function personEnrolled(change: Partial<PersonEnrolled['data']> = {}): PersonEnrolled {
  return {
    type: 'PersonEnrolled',
    data: { personId: 'clerk', organisationId: 'depot-usa', nation: 'USA', clearance: 'NATO RESTRICTED', ...change },
  };
}

/** @throws Error if the event does not enrol one */
export function enrolledPerson(event = personEnrolled()): EnrolledPerson {
  const state = given(PERSON_STREAM, event);
  if (state.status !== 'ENROLLED') throw new Error('nobody');
  return state;
}

export function appointmentMade(change: Partial<AppointmentMade['data']> = {}): AppointmentMade {
  const data: AppointmentMade['data'] = {
    appointmentId: 'clerk-1',
    personId: 'clerk',
    organisationId: 'depot-usa',
    roles: ['storage-clerk'],
    actingFor: 'W99DP1',
    validFrom: '2026-09-01T00:00:00Z',
  };
  return { type: 'AppointmentMade', data: { ...data, ...change } };
}

export function servicePrincipalRegistered(change: Partial<ServicePrincipalRegistered['data']> = {}): ServicePrincipalRegistered {
  const data: ServicePrincipalRegistered['data'] = {
    principalId: 'erp-usa',
    organisationId: 'depot-usa',
    publicKey: 'key',
    roles: ['erp'],
    actingFor: 'W99CT1',
  };
  return { type: 'ServicePrincipalRegistered', data: { ...data, ...change } };
}

/** An actor; by default the operator's administrator. */
export function actor(change: Partial<Actor> = {}, ...roles: readonly Role[]): Actor {
  return {
    principalId: 'administrator',
    pseudonym: 'p-administrator',
    organisationId: 'operator',
    actingFor: 'operator',
    nation: 'XXX',
    roles: roles.length > 0 ? roles : ['administrator'],
    ...change,
  };
}

let commands = 0;

/** An envelope with an id of its own. */
export function envelope(by: Actor = actor(), change: Partial<CommandEnvelope> = {}): CommandEnvelope {
  commands += 1;
  const commandId = `command-${commands}`;
  return {
    commandId,
    actor: by,
    eventTime: '2026-09-14T08:00:00Z',
    correlationId: 'correlation-1',
    request: Buffer.from(commandId),
    ...change,
  };
}
