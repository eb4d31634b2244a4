import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, type CommandEnvelope } from '@countersign/kernel';
import { encodeBase64Url, pinPublicKey } from '@countersign/merkle';
import { requireAdministrator, type Operator } from '../operator.js';
import { ORGANISATION } from '../organisation/organisation.js';
import { PERSON_STREAM } from '../person/person.js';
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
      const byOperator = actor.organisationId === this.operator.organisationId;
      principal.append(
        registerServicePrincipal(principal.state, command, {
          person: person.state,
          organisation: organisation.state,
          byOperator,
        }),
      );
      principal.share(organisationId);
      return null;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, KEY_REFUSED, PRINCIPAL_REVOKED */
  async registerPersonKey(envelope: CommandEnvelope, personId: string, publicKey: string): Promise<CommandOutcome<null>> {
    return this.journal.execute(envelope, async (unit) => {
      const { state } = await unit.open(PERSON_STREAM, personId);
      requireAdministrator(envelope.actor, state.status === 'NONE' ? '' : state.organisationId, this.operator);
      if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'person_id' });
      const principal = await unit.open(PRINCIPAL, personId);
      principal.append(registerPersonKey(principal.state, state, publicKey));
      principal.share(state.organisationId);
      return null;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, PRINCIPAL_REVOKED */
  async revoke(envelope: CommandEnvelope, principalId: string): Promise<CommandOutcome<null>> {
    return this.journal.execute(envelope, async (unit) => {
      const principal = await unit.open(PRINCIPAL, principalId);
      const organisationId = principal.state.status === 'NONE' ? '' : principal.state.organisationId;
      requireAdministrator(envelope.actor, organisationId, this.operator);
      principal.append(revokePrincipal(principal.state));
      return null;
    });
  }
}

/** Checks a public key once, before anybody relies on it (formats §1). @throws DomainError KEY_REFUSED */
export function checkedPublicKey(raw: Uint8Array): string {
  return encodeBase64Url(pinPublicKey(raw).raw);
}
