import { DomainError } from '@countersign/kernel';
import type { Codes, OrganisationCodesChanged, OrganisationState } from './organisation.js';

export interface ChangeCodes {
  readonly assigned: Codes;
  readonly released: Codes;
}

/**
 * The codes the organisation holds afterwards. Whether they are free, or its own to give back, is for their streams to say.
 *
 * @throws DomainError NOT_FOUND, FIELD_MISSING
 */
export function changeCodes(state: OrganisationState, { assigned, released }: ChangeCodes): OrganisationCodesChanged {
  if (state.status === 'NONE') throw new DomainError('NOT_FOUND', { field: 'organisation_id' });
  if (isEmpty(assigned) && isEmpty(released))
    throw new DomainError('FIELD_MISSING', { field: 'assigned', rule: 'at least one code' });
  const after = (kind: keyof Codes): readonly string[] => [
    ...state.codes[kind].filter((code) => !released[kind].includes(code)),
    ...assigned[kind].filter((code) => !state.codes[kind].includes(code) || released[kind].includes(code)),
  ];
  return {
    type: 'OrganisationCodesChanged',
    data: {
      organisationId: state.organisationId,
      cageCodes: after('cageCodes'),
      dodaacs: after('dodaacs'),
      rics: after('rics'),
      uics: after('uics'),
    },
  };
}

function isEmpty(codes: Codes): boolean {
  return Object.values(codes).every((list: readonly string[]) => list.length === 0);
}
