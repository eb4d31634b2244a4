import type { DataSource } from 'typeorm';
import type { DirectoryEntry, OrganisationDirectory } from './organisation-directory.js';
import { OrganisationCodeRow, OrganisationRow } from './organisation-rows.js';

/** The directory as the projection left it. */
export function storedDirectory(dataSource: DataSource): OrganisationDirectory {
  const organisations = dataSource.getRepository(OrganisationRow);
  const codes = dataSource.getRepository(OrganisationCodeRow);
  const entryOf = async (organisationId: string): Promise<DirectoryEntry> => {
    const held = await codes.findBy({ organisationId });
    return { organisationId, codes: held.map(({ kind, code }) => ({ kind, code })) };
  };
  return {
    byCode: async (kind, code) => {
      const row = await codes.findOneBy({ kind, code });
      return row === null ? undefined : entryOf(row.organisationId);
    },
    byAgency: async (state, station) => {
      const row = await organisations.findOneBy({ state, station });
      return row === null ? undefined : entryOf(row.organisationId);
    },
  };
}

/** Number of organisations known here. */
export function countOrganisations(dataSource: DataSource): Promise<number> {
  return dataSource.getRepository(OrganisationRow).count();
}
