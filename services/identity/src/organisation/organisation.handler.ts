import type { CommandOutcome, Journal, UnitOfWork } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { requireOperator, type Operator } from '../operator.js';
import { agencyCode, CODE, codeKey, codesOf, type Code, type CodeEvent, type CodeState } from './code.js';
import { changeCodes, type ChangeCodes } from './change-codes.decider.js';
import { ORGANISATION, type OrganisationRegistered } from './organisation.js';
import { assignCode, registerOrganisation, releaseCode } from './register-organisation.decider.js';

export class OrganisationHandler {
  constructor(
    private readonly journal: Journal,
    private readonly operator: Operator,
  ) {}

  /** @throws DomainError PERMISSION_DENIED, ORGANISATION_EXISTS, CODE_TAKEN */
  async register(envelope: CommandEnvelope, command: OrganisationRegistered['data']): Promise<CommandOutcome<null>> {
    requireOperator(envelope.actor, this.operator);
    return this.journal.execute(envelope, (unit) => openOrganisation(unit, command));
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, FIELD_MISSING, CODE_TAKEN, CODE_NOT_HELD */
  async changeCodes(envelope: CommandEnvelope, organisationId: string, command: ChangeCodes): Promise<CommandOutcome<null>> {
    requireOperator(envelope.actor, this.operator);
    return this.journal.execute(envelope, async (unit) => {
      const organisation = await unit.open(ORGANISATION, organisationId);
      organisation.append(changeCodes(organisation.state, command));
      // Given back first: a code may change hands from an organisation to itself only by being released.
      await eachCode(unit, codesOf(command.released), (state, code) => releaseCode(state, code, organisationId));
      await eachCode(unit, codesOf(command.assigned), (state, code) => assignCode(state, code, organisationId));
      return null;
    });
  }
}

/** Registers without asking who does it; the first organisation is registered by the service itself. */
export async function openOrganisation(unit: UnitOfWork, command: OrganisationRegistered['data']): Promise<null> {
  const { organisationId, agency } = command;
  const organisation = await unit.open(ORGANISATION, organisationId);
  organisation.append(registerOrganisation(organisation.state, command));
  organisation.share(organisationId);
  const codes = [...codesOf(command), ...(agency === undefined ? [] : [agencyCode(agency)])];
  await eachCode(unit, codes, (state, code) => assignCode(state, code, organisationId));
  return null;
}

type CodeDecision = (state: CodeState, code: Code) => CodeEvent;

/** The streams are loaded together, then decided in order. */
async function eachCode(unit: UnitOfWork, codes: readonly Code[], decide: CodeDecision): Promise<void> {
  const opened = await Promise.all(codes.map(async (code) => ({ code, stream: await unit.open(CODE, codeKey(code)) })));
  for (const { code, stream } of opened) stream.append(decide(stream.state, code));
}
