import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, type CommandEnvelope } from '@countersign/kernel';
import { requireAdministrator, type Operator } from '../operator.js';
import { ORGANISATION } from '../organisation/organisation.js';
import { PERSON_STREAM } from '../person/person.js';
import { APPOINTMENT_STREAM } from './appointment.js';
import { makeAppointment, type MakeAppointment } from './make-appointment.decider.js';
import { revokeAppointment } from './revoke-appointment.decider.js';

export class AppointmentHandler {
  constructor(
    private readonly journal: Journal,
    private readonly operator: Operator,
  ) {}

  /**
   * The result is the appointment's id: that of the first time if the command is repeated.
   *
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `makeAppointment` throws
   */
  async make(envelope: CommandEnvelope, personId: string, command: MakeAppointment): Promise<CommandOutcome<string>> {
    const { actor } = envelope;
    return this.journal.execute(envelope, async (unit) => {
      const person = await unit.open(PERSON_STREAM, personId);
      requireAdministrator(actor, person.state.status === 'NONE' ? '' : person.state.organisationId, this.operator);
      if (person.state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'person_id' });
      const organisation = await unit.open(ORGANISATION, person.state.organisationId);
      if (organisation.state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'person_id' });
      const appointment = await unit.open(APPOINTMENT_STREAM, command.appointmentId);
      const by = { personId: actor.principalId, isOperators: actor.organisationId === this.operator.organisationId };
      appointment.append(
        makeAppointment(appointment.state, command, { person: person.state, organisation: organisation.state, by }),
      );
      person.append({ type: 'PersonAppointed', data: { personId, appointmentId: command.appointmentId } });
      appointment.share(person.state.organisationId);
      return command.appointmentId;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, APPOINTMENT_REVOKED */
  async revoke(envelope: CommandEnvelope, appointmentId: string): Promise<CommandOutcome<null>> {
    const { actor, eventTime: revokedAt } = envelope;
    return this.journal.execute(envelope, async (unit) => {
      const appointment = await unit.open(APPOINTMENT_STREAM, appointmentId);
      const organisationId = appointment.state.status === 'NONE' ? '' : appointment.state.organisationId;
      requireAdministrator(actor, organisationId, this.operator);
      const byOperator = actor.organisationId === this.operator.organisationId;
      appointment.append(revokeAppointment(appointment.state, { revokedAt, byOperator }));
      return null;
    });
  }
}
