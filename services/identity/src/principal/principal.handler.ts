import type { CommandOutcome, Journal, UnitOfWork } from '@countersign/event-log';
import { DomainError, type Actor, type CommandEnvelope, type Rfc3339, type Role } from '@countersign/kernel';
import { encodeBase64Url, pinPublicKey } from '@countersign/merkle';
import { APPOINTMENT_STREAM, isOpenAt } from '../appointment/appointment.js';
import { requireAdministrator, type Operator } from '../operator.js';
import { ORGANISATION } from '../organisation/organisation.js';
import { PERSON_STREAM, type PersonState } from '../person/person.js';
import { PRINCIPAL } from './principal.js';
import {
  registerPersonKey,
  registerServicePrincipal,
  revokePrincipal,
  type RegisterServicePrincipal,
} from './register-principal.decider.js';

export class PrincipalHandler {
  constructor(
    private readonly journal: Journal,
    private readonly operator: Operator,
  ) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, KEY_REFUSED, and what `registerServicePrincipal` throws */
  async registerService(
    envelope: CommandEnvelope,
    organisationId: string,
    command: RegisterServicePrincipal,
  ): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireAdministrator(actor, organisationId, this.operator);
    return this.journal.execute(envelope, async (unit) => {
      const organisation = await unit.open(ORGANISATION, organisationId);
      if (organisation.state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'organisation_id' });
      const person = await unit.open(PERSON_STREAM, command.principalId);
      const principal = await unit.open(PRINCIPAL, command.principalId);
      principal.append(
        registerServicePrincipal(principal.state, command, {
          person: person.state,
          organisation: organisation.state,
          byOperator: this.#isOperators(actor),
        }),
      );
      principal.share(organisationId);
      return null;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, KEY_REFUSED, PRINCIPAL_REVOKED */
  async registerPersonKey(envelope: CommandEnvelope, personId: string, publicKey: string): Promise<CommandOutcome<null>> {
    const { actor, eventTime } = envelope;
    return this.journal.execute(envelope, async (unit) => {
      const { state } = await unit.open(PERSON_STREAM, personId);
      requireAdministrator(actor, state.status === 'NONE' ? '' : state.organisationId, this.operator);
      if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'person_id' });
      const principal = await unit.open(PRINCIPAL, personId);
      const roles = await rolesOf(unit, state, eventTime);
      principal.append(registerPersonKey(principal.state, state, publicKey, { byOperator: this.#isOperators(actor), roles }));
      principal.share(state.organisationId);
      return null;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, PRINCIPAL_REVOKED */
  async revoke(envelope: CommandEnvelope, principalId: string): Promise<CommandOutcome<null>> {
    const { actor, eventTime } = envelope;
    return this.journal.execute(envelope, async (unit) => {
      const principal = await unit.open(PRINCIPAL, principalId);
      const { state } = principal;
      requireAdministrator(actor, state.status === 'NONE' ? '' : state.organisationId, this.operator);
      const own = state.status === 'ACTIVE' && state.kind === 'service' ? state.roles : [];
      const person = await unit.open(PERSON_STREAM, principalId);
      const roles = [...own, ...(await rolesOf(unit, person.state, eventTime))];
      principal.append(revokePrincipal(state, { byOperator: this.#isOperators(actor), roles }));
      return null;
    });
  }

  #isOperators(actor: Actor): boolean {
    return actor.organisationId === this.operator.organisationId;
  }
}

/** What a person's appointments allow, now or later. */
async function rolesOf(unit: UnitOfWork, person: PersonState, at: string): Promise<readonly Role[]> {
  if (person.status === 'NONE') return [];
  const appointments = await Promise.all(person.appointmentIds.map((id) => unit.open(APPOINTMENT_STREAM, id)));
  return appointments.flatMap(({ state }) => (state.status !== 'NONE' && isOpenAt(state, at as Rfc3339) ? state.roles : []));
}

/** Checks a public key once, before anybody relies on it (formats §1). @throws DomainError KEY_REFUSED */
export function checkedPublicKey(raw: Uint8Array): string {
  return encodeBase64Url(pinPublicKey(raw).raw);
}
