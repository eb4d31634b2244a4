import { DomainError } from '@countersign/kernel';
import type { AppointmentRevoked, AppointmentState } from './appointment.js';

/** @throws DomainError NOT_FOUND, APPOINTMENT_REVOKED */
export function revokeAppointment(state: AppointmentState, revokedAt: string): AppointmentRevoked {
  if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'appointment_id' });
  if (state.status === 'REVOKED') throw new DomainError('APPOINTMENT_REVOKED', { field: 'appointment_id' });
  return { type: 'AppointmentRevoked', data: { appointmentId: state.appointmentId, revokedAt } };
}
