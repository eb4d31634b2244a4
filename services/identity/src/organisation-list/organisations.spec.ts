import { describe, expect, it } from '@jest/globals';
import { NO_CODES, type OrganisationEvent } from '../organisation/organisation.js';
import { organisationChange } from './organisations.projection.js';

const change = (event: OrganisationEvent): ReturnType<typeof organisationChange>['change'] =>
  organisationChange({ position: 1n, streamId: 'organisation/depot-usa', key: 'depot-usa', event }).change;

describe('the list of organisations', () => {
  it('shows an organisation with the codes it holds now', () => {
    const registered = change({
      type: 'OrganisationRegistered',
      data: {
        ...{ organisationId: 'depot-usa', name: 'Depot', nation: 'USA', kinds: ['storage'] },
        ...{ ...NO_CODES, dodaacs: ['W99DP1'], rics: ['Z9D'] },
      },
    })(undefined);
    expect(registered).toEqual({
      ...{ name: 'Depot', nation: 'USA', state: null, station: null, kinds: ['storage'] },
      ...{ ...NO_CODES, dodaacs: ['W99DP1'], rics: ['Z9D'] },
    });
    const data = { ...NO_CODES, organisationId: 'depot-usa', rics: ['Z8D'] };
    const changed = change({ type: 'OrganisationCodesChanged', data })(registered);
    expect(changed).toEqual({ ...registered, ...NO_CODES, rics: ['Z8D'] });
  });

  it('shows an agency as published lists name it', () => {
    const agency = { state: 'AL', station: 'ATMORE PD ' };
    const data = { ...NO_CODES, organisationId: 'leso-al', name: 'Atmore', nation: 'USA', agency, kinds: [] };
    expect(change({ type: 'OrganisationRegistered', data })(undefined)).toMatchObject(agency);
  });
});
