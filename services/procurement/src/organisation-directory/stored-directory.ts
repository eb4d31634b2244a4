import type { DataSource } from 'typeorm';
import type { CodeKind, DirectoryEntry, OrganisationDirectory } from './organisation-directory.js';
import { OrganisationRow } from './organisation-rows.js';

/** One row a code; without codes one row that names none. */
interface HeldRow {
  readonly organisation_id: string;
  readonly kind: CodeKind | null;
  readonly code: string | null;
}

// One question each: every agency of an import is asked for, and two questions by entities cost ten times as much.
const BY_CODE = `
  SELECT held.organisation_id, held.kind, held.code
  FROM directory.organisation_code asked JOIN directory.organisation_code held USING (organisation_id)
  WHERE asked.kind = $1 AND asked.code = $2`;
const BY_AGENCY = `
  SELECT organisation_id, held.kind, held.code
  FROM directory.organisation LEFT JOIN directory.organisation_code held USING (organisation_id)
  WHERE state = $1 AND station = $2`;

/** The directory as the projection left it. */
export function storedDirectory(dataSource: DataSource): OrganisationDirectory {
  const find = async (question: string, name: readonly [string, string]): Promise<DirectoryEntry | undefined> =>
    entryOf(await dataSource.query(question, [...name]));
  return {
    byCode: (kind, code) => find(BY_CODE, [kind, code]),
    byAgency: (state, station) => find(BY_AGENCY, [state, station]),
  };
}

/** Number of organisations known here. */
export function countOrganisations(dataSource: DataSource): Promise<number> {
  return dataSource.getRepository(OrganisationRow).count();
}

function entryOf(rows: readonly HeldRow[]): DirectoryEntry | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const codes = rows.flatMap(({ kind, code }) => (kind === null || code === null ? [] : [{ kind, code }]));
  return { organisationId: first.organisation_id, codes };
}
