import type { Journal } from '@countersign/event-log';
import { DomainError, type Rfc3339, type Role } from '@countersign/kernel';
import { APPOINTMENT_STREAM, isValidAt, type MadeAppointment } from '../appointment/appointment.js';
import { holdsActivityCode, ORGANISATION } from '../organisation/organisation.js';
import { PERSON_STREAM } from '../person/person.js';
import { PRINCIPAL, type ActivePrincipal } from './principal.js';

/** For whom a principal acts at a moment, and what it may do. */
export interface Standing {
  readonly principalId: string;
  /** Empty for a service. */
  readonly appointmentId: string;
  readonly organisationId: string;
  readonly actingFor: string;
  readonly nation: string;
  readonly roles: readonly Role[];
}

/** A principal that may sign in; undefined if there is none or it was revoked. */
export async function findPrincipal(journal: Journal, principalId: string): Promise<ActivePrincipal | undefined> {
  const principal = await journal.read(PRINCIPAL, principalId);
  return principal?.status === 'ACTIVE' ? principal : undefined;
}

/**
 * @param appointmentId empty: the only valid one
 * @throws DomainError APPOINTMENT_REQUIRED unless exactly one valid appointment is meant; PERMISSION_DENIED if its code is gone
 */
export async function standingOf(
  journal: Journal,
  principal: ActivePrincipal,
  appointmentId: string,
  at: Rfc3339,
): Promise<Standing> {
  const { principalId, organisationId } = principal;
  const organisation = await journal.read(ORGANISATION, organisationId);
  if (organisation?.status !== 'ACTIVE') throw new DomainError('PERMISSION_DENIED');
  const { nation } = organisation;
  if (principal.kind === 'service') {
    const { roles, actingFor } = principal;
    // The operator's own services act for the operator, which needs no code.
    if (actingFor !== organisationId && !holdsActivityCode(organisation, actingFor)) throw new DomainError('PERMISSION_DENIED');
    return { principalId, appointmentId: '', organisationId, actingFor, nation, roles };
  }
  const appointments = await validAppointments(journal, principalId, at);
  // A code that passed to another organisation takes the appointment with it.
  const meant = appointments.filter(
    (each) => (appointmentId === '' || each.appointmentId === appointmentId) && holdsActivityCode(organisation, each.actingFor),
  );
  const [only, ...more] = meant;
  if (only === undefined || more.length > 0) throw new DomainError('APPOINTMENT_REQUIRED', { field: 'appointment_id' });
  return { principalId, appointmentId: only.appointmentId, organisationId, actingFor: only.actingFor, nation, roles: only.roles };
}

/** Of a principal under its only valid appointment; undefined if it cannot act: it has none or several, or its code is gone. */
export async function findStanding(journal: Journal, principal: ActivePrincipal, at: Rfc3339): Promise<Standing | undefined> {
  try {
    return await standingOf(journal, principal, '', at);
  } catch (error) {
    if (error instanceof DomainError && ['APPOINTMENT_REQUIRED', 'PERMISSION_DENIED'].includes(error.code)) return undefined;
    throw error;
  }
}

async function validAppointments(journal: Journal, personId: string, at: Rfc3339): Promise<readonly MadeAppointment[]> {
  const person = await journal.read(PERSON_STREAM, personId);
  if (person?.status !== 'ENROLLED') return [];
  const states = await Promise.all(person.appointmentIds.map((id) => journal.read(APPOINTMENT_STREAM, id)));
  return states.filter(
    (state): state is MadeAppointment => state !== undefined && state.status !== 'NONE' && isValidAt(state, at),
  );
}
