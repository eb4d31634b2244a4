import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, type CommandEnvelope } from '@countersign/kernel';
import { requireAdministrator, type Operator } from '../operator.js';
import { ORGANISATION } from '../organisation/organisation.js';
import { PRINCIPAL } from '../principal/principal.js';
import { enrolPerson, type EnrolPerson } from './enrol-person.decider.js';
import { PERSON_STREAM } from './person.js';

export class PersonHandler {
  constructor(
    private readonly journal: Journal,
    private readonly operator: Operator,
  ) {}

  /**
   * The result is the person's id: that of the first time if the command is repeated.
   *
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, PERSON_EXISTS
   */
  async enrol(envelope: CommandEnvelope, command: EnrolPerson): Promise<CommandOutcome<string>> {
    requireAdministrator(envelope.actor, command.organisationId, this.operator);
    return this.journal.execute(envelope, async (unit) => {
      const organisation = await unit.open(ORGANISATION, command.organisationId);
      if (organisation.state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'organisation_id' });
      const person = await unit.open(PERSON_STREAM, command.personId);
      const principal = await unit.open(PRINCIPAL, command.personId);
      person.append(enrolPerson(person.state, principal.state, command));
      person.share(command.organisationId);
      return command.personId;
    });
  }
}
