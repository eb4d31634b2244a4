import { DomainError } from '@countersign/kernel';

export type CodeKind = 'cage' | 'dodaac' | 'ric' | 'uic';

/** What procurement knows of an organisation; identity's record is the truth. */
export interface DirectoryEntry {
  /** Identity's id. */
  readonly organisationId: string;
  /** Codes it holds now. */
  readonly codes: readonly { readonly kind: CodeKind; readonly code: string }[];
}

/**
 * Identity's organisations as far as their records have arrived here. Reads the projection: an organisation that was
 * registered a moment ago may be missing. Names are compared byte for byte, trailing spaces included.
 */
export interface OrganisationDirectory {
  byCode(kind: CodeKind, code: string): Promise<DirectoryEntry | undefined>;
  byAgency(state: string, station: string): Promise<DirectoryEntry | undefined>;
}

/** @throws DomainError ORGANISATION_UNKNOWN naming the field */
export async function requireByCode(
  directory: OrganisationDirectory,
  kind: CodeKind,
  code: string,
  field: string,
): Promise<DirectoryEntry> {
  return found(await directory.byCode(kind, code), field);
}

/** @throws DomainError ORGANISATION_UNKNOWN naming the field */
export async function requireAgency(
  directory: OrganisationDirectory,
  agency: { readonly state: string; readonly station: string },
  field: string,
): Promise<DirectoryEntry> {
  return found(await directory.byAgency(agency.state, agency.station), field);
}

/** Whether the organisation holds this code now. */
export function holdsCode({ codes }: DirectoryEntry, kind: CodeKind, code: string): boolean {
  return codes.some((held) => held.kind === kind && held.code === code);
}

function found(entry: DirectoryEntry | undefined, field: string): DirectoryEntry {
  if (entry === undefined) throw new DomainError('ORGANISATION_UNKNOWN', { field, rule: 'an organisation of the directory' });
  return entry;
}
