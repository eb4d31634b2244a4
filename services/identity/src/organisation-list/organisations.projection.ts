import {
  changeRows,
  type ProjectedEvent,
  type ProjectionDefinition,
  type RowChange,
  type RowContent,
} from '@countersign/event-log';
import { ORGANISATION, type Codes, type OrganisationEvent } from '../organisation/organisation.js';
import { OrganisationRow } from './organisation-row.js';

/** Name of the read model. */
export const ORGANISATIONS = 'organisations';

/** Every organisation with its codes. */
export const organisations: ProjectionDefinition<OrganisationEvent> = {
  name: ORGANISATIONS,
  version: 1,
  tables: [OrganisationRow],
  streams: [ORGANISATION],
  groups: [],
  project: (events, scope) => changeRows(scope, OrganisationRow, events.map(organisationChange)),
};

export function organisationChange({ key, event }: ProjectedEvent<OrganisationEvent>): RowChange<OrganisationRow> {
  if (event.type === 'OrganisationCodesChanged') return { key, change: (row) => row && { ...row, ...codesOf(event.data) } };
  const { name, nation, agency, kinds } = event.data;
  const { state = null, station = null } = agency ?? {};
  return { key, change: () => ({ name, nation, state, station, kinds: [...kinds], ...codesOf(event.data) }) };
}

function codesOf({ cageCodes, dodaacs, rics, uics }: Codes): Pick<RowContent<OrganisationRow>, keyof Codes> {
  return { cageCodes: [...cageCodes], dodaacs: [...dodaacs], rics: [...rics], uics: [...uics] };
}
