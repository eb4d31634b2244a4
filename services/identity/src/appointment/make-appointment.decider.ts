import { compareTimes, DomainError, ROLES, type Rfc3339, type Role } from '@countersign/kernel';
import type { ActiveOrganisation } from '../organisation/organisation.js';
import type { EnrolledPerson } from '../person/person.js';
import { OPERATOR_ONLY, type AppointmentMade, type AppointmentState } from './appointment.js';

export interface MakeAppointment {
  readonly appointmentId: string;
  readonly roles: readonly string[];
  readonly actingFor: string;
  readonly validFrom: Rfc3339;
  readonly validTo?: Rfc3339;
}

/** Who appoints. */
export interface AppointingAuthority {
  readonly personId: string;
  readonly isOperators: boolean;
}

/** Roles of machines: a person signs in, an ERP signs messages, our own services draw keys. */
const MACHINE_ROLES: readonly string[] = ['erp', 'service'];

/** @throws DomainError APPOINTMENT_EXISTS, SELF_DELEGATION, CODE_UNKNOWN, ROLE_NOT_GRANTABLE, CODE_NOT_HELD, TIME_INVALID */
export function makeAppointment(
  state: AppointmentState,
  command: MakeAppointment,
  {
    person,
    organisation,
    by,
  }: { readonly person: EnrolledPerson; readonly organisation: ActiveOrganisation; readonly by: AppointingAuthority },
): AppointmentMade {
  if (state.status !== 'NONE') throw new DomainError('APPOINTMENT_EXISTS', { field: 'appointment_id' });
  if (by.personId === person.personId) throw new DomainError('SELF_DELEGATION', { field: 'person_id' });
  const { appointmentId, actingFor, validFrom, validTo } = command;
  const { dodaacs, cageCodes } = organisation.codes;
  if (![...dodaacs, ...cageCodes].includes(actingFor)) throw new DomainError('CODE_NOT_HELD', { field: 'acting_for' });
  if (validTo !== undefined && compareTimes(validTo, validFrom) <= 0) {
    throw new DomainError('TIME_INVALID', { field: 'valid_to', rule: 'after valid_from' });
  }
  return {
    type: 'AppointmentMade',
    data: {
      appointmentId,
      personId: person.personId,
      organisationId: person.organisationId,
      roles: grantable(command.roles, by),
      actingFor,
      validFrom,
      ...(validTo === undefined ? {} : { validTo }),
    },
  };
}

function grantable(roles: readonly string[], by: AppointingAuthority): readonly Role[] {
  const known = roles.filter((role): role is Role => (ROLES as readonly string[]).includes(role));
  if (known.length !== roles.length) throw new DomainError('CODE_UNKNOWN', { field: 'roles', rule: ROLES.join(', ') });
  const refused = known.some((role) => MACHINE_ROLES.includes(role) || (!by.isOperators && OPERATOR_ONLY.includes(role)));
  if (refused) throw new DomainError('ROLE_NOT_GRANTABLE', { field: 'roles' });
  return known;
}
