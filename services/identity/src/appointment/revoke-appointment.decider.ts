import { DomainError } from '@countersign/kernel';
import { OPERATOR_ONLY, type AppointmentRevoked, type AppointmentState } from './appointment.js';

export interface RevokeAppointment {
  readonly revokedAt: string;
  /** Whether the operator's administrator revokes. */
  readonly byOperator: boolean;
}

/**
 * What only the operator's administrators make, only they end: no organisation silences its auditor.
 *
 * @throws DomainError NOT_FOUND, PERMISSION_DENIED, APPOINTMENT_REVOKED
 */
export function revokeAppointment(state: AppointmentState, { revokedAt, byOperator }: RevokeAppointment): AppointmentRevoked {
  if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'appointment_id' });
  if (!byOperator && state.roles.some((role) => OPERATOR_ONLY.includes(role))) throw new DomainError('PERMISSION_DENIED');
  if (state.status === 'REVOKED') throw new DomainError('APPOINTMENT_REVOKED', { field: 'appointment_id' });
  return { type: 'AppointmentRevoked', data: { appointmentId: state.appointmentId, revokedAt } };
}
