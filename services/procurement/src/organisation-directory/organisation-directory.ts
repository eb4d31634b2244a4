import { DomainError } from '@countersign/kernel';

/** What procurement knows of an organisation; identity's record is the truth. */
export interface DirectoryEntry {
  /** Identity's id. */
  readonly organisationId: string;
  /** CAGE, DoDAAC, RIC and UIC codes it holds now. */
  readonly codes: readonly string[];
  readonly nation: string;
}

/**
 * Identity's organisations as far as their records have arrived here. Reads the projection: an organisation that was
 * registered a moment ago may be missing. Names are compared byte for byte, trailing spaces included.
 */
export interface OrganisationDirectory {
  byCode(code: string): Promise<DirectoryEntry | undefined>;
  byAgency(state: string, station: string): Promise<DirectoryEntry | undefined>;
}

/** @throws DomainError ORGANISATION_UNKNOWN naming the field */
export async function requireByCode(directory: OrganisationDirectory, code: string, field: string): Promise<DirectoryEntry> {
  return found(await directory.byCode(code), field);
}

/** @throws DomainError ORGANISATION_UNKNOWN naming the field */
export async function requireAgency(
  directory: OrganisationDirectory,
  agency: { readonly state: string; readonly station: string },
  field: string,
): Promise<DirectoryEntry> {
  return found(await directory.byAgency(agency.state, agency.station), field);
}

function found(entry: DirectoryEntry | undefined, field: string): DirectoryEntry {
  if (entry === undefined) throw new DomainError('ORGANISATION_UNKNOWN', { field, rule: 'an organisation of the directory' });
  return entry;
}
