import { DomainError } from '@countersign/kernel';
import type { Code, CodeAssigned, CodeReleased, CodeState } from './code.js';
import type { OrganisationRegistered, OrganisationState } from './organisation.js';

/** @throws DomainError ORGANISATION_EXISTS */
export function registerOrganisation(state: OrganisationState, command: OrganisationRegistered['data']): OrganisationRegistered {
  if (state.status !== 'NONE') throw new DomainError('ORGANISATION_EXISTS', { field: 'organisation_id' });
  return { type: 'OrganisationRegistered', data: command };
}

const FIELD_OF: Readonly<Record<Code['kind'], string>> = {
  cage: 'cage_codes',
  dodaac: 'dodaacs',
  ric: 'rics',
  uic: 'uics',
  agency: 'agency',
};

/** A code has one holder at a time. @throws DomainError CODE_TAKEN */
export function assignCode(state: CodeState, code: Code, organisationId: string): CodeAssigned {
  if (state.holder !== undefined) throw new DomainError('CODE_TAKEN', { field: FIELD_OF[code.kind] });
  return { type: 'CodeAssigned', data: { ...code, organisationId } };
}

/** @throws DomainError CODE_NOT_HELD */
export function releaseCode(state: CodeState, code: Code, organisationId: string): CodeReleased {
  if (state.holder !== organisationId) throw new DomainError('CODE_NOT_HELD', { field: FIELD_OF[code.kind] });
  return { type: 'CodeReleased', data: { ...code, organisationId } };
}
