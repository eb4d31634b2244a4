import { DomainError, ROLES, type Role } from '@countersign/kernel';
import type { ActiveOrganisation } from '../organisation/organisation.js';
import type { EnrolledPerson, PersonState } from '../person/person.js';
import type { PersonKeyRegistered, PrincipalRevoked, PrincipalState, ServicePrincipalRegistered } from './principal.js';

export interface RegisterServicePrincipal {
  readonly principalId: string;
  readonly publicKey: string;
  readonly roles: readonly string[];
  readonly actingFor: string;
}

/** What only the operator's own installation may be: `service` opens every disclosure, an administrator is a person. */
const NEVER_GRANTED: readonly string[] = ['service', 'administrator'];
const OPERATOR_ONLY: readonly string[] = ['auditor'];

/**
 * Persons and services sign in under one space of ids.
 *
 * @throws DomainError PRINCIPAL_EXISTS, CODE_UNKNOWN, ROLE_NOT_GRANTABLE, CODE_NOT_HELD
 */
export function registerServicePrincipal(
  state: PrincipalState,
  command: RegisterServicePrincipal,
  {
    person,
    organisation,
    byOperator,
  }: { readonly person: PersonState; readonly organisation: ActiveOrganisation; readonly byOperator: boolean },
): ServicePrincipalRegistered {
  if (state.status !== 'NONE' || person.status !== 'NONE') throw new DomainError('PRINCIPAL_EXISTS', { field: 'principal_id' });
  const { dodaacs, cageCodes } = organisation.codes;
  if (![...dodaacs, ...cageCodes].includes(command.actingFor)) throw new DomainError('CODE_NOT_HELD', { field: 'acting_for' });
  const roles = knownRoles(command.roles);
  const refused = roles.some((role) => NEVER_GRANTED.includes(role) || (!byOperator && OPERATOR_ONLY.includes(role)));
  if (refused) throw new DomainError('ROLE_NOT_GRANTABLE', { field: 'roles' });
  const { principalId, publicKey, actingFor } = command;
  return {
    type: 'ServicePrincipalRegistered',
    data: { principalId, organisationId: organisation.organisationId, publicKey, roles, actingFor },
  };
}

/** Who acts on a principal, and what the principal may do. */
export interface PrincipalAuthority {
  readonly byOperator: boolean;
  /** Of all appointments that count or may count later. */
  readonly roles: readonly Role[];
}

/** Whoever registers a key can sign in with it. @throws DomainError PERMISSION_DENIED, PRINCIPAL_REVOKED */
export function registerPersonKey(
  state: PrincipalState,
  person: EnrolledPerson,
  publicKey: string,
  authority: PrincipalAuthority,
): PersonKeyRegistered {
  requireAuthority(authority);
  if (state.status === 'REVOKED') throw new DomainError('PRINCIPAL_REVOKED', { field: 'person_id' });
  const { personId, organisationId } = person;
  return { type: 'PersonKeyRegistered', data: { principalId: personId, organisationId, publicKey } };
}

/** @throws DomainError NOT_FOUND, PERMISSION_DENIED, PRINCIPAL_REVOKED */
export function revokePrincipal(state: PrincipalState, authority: PrincipalAuthority): PrincipalRevoked {
  if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'principal_id' });
  requireAuthority(authority);
  if (state.status === 'REVOKED') throw new DomainError('PRINCIPAL_REVOKED', { field: 'principal_id' });
  return { type: 'PrincipalRevoked', data: { principalId: state.principalId } };
}

/** Who may not grant a role may not take over, or silence, who has it. */
function requireAuthority({ byOperator, roles }: PrincipalAuthority): void {
  if (!byOperator && roles.some((role) => OPERATOR_ONLY.includes(role))) throw new DomainError('PERMISSION_DENIED');
}

function knownRoles(roles: readonly string[]): readonly Role[] {
  const known = roles.filter((role): role is Role => (ROLES as readonly string[]).includes(role));
  if (known.length !== roles.length) throw new DomainError('CODE_UNKNOWN', { field: 'roles', rule: ROLES.join(', ') });
  return known;
}
