import { hasRole } from '@countersign/access';
import type { Journal } from '@countersign/event-log';
import { DomainError, type Actor } from '@countersign/kernel';
import type { Operator } from '../operator.js';
import { APPOINTMENT_STREAM, type MadeAppointment } from './appointment.js';

/** @throws DomainError NOT_FOUND, also for an appointment that is not the reader's to know */
export async function getAppointment(
  { journal, operator }: { readonly journal: Journal; readonly operator: Operator },
  appointmentId: string,
  reader: Actor,
): Promise<MadeAppointment> {
  const appointment = await journal.read(APPOINTMENT_STREAM, appointmentId);
  if (appointment === undefined || appointment.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'appointment_id' });
  const organisations = [appointment.organisationId, operator.organisationId];
  const administers = hasRole(reader, 'administrator') && organisations.includes(reader.organisationId);
  const isSelf = reader.principalId === appointment.personId;
  if (!administers && !isSelf && !hasRole(reader, 'auditor', 'service'))
    throw new DomainError('NOT_FOUND', { field: 'appointment_id' });
  return appointment;
}
