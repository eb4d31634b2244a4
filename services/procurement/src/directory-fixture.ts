import type { DataSource } from 'typeorm';
import type { CodeKind, DirectoryEntry, OrganisationDirectory } from './organisation-directory/organisation-directory.js';

interface ListedDirectory extends OrganisationDirectory {
  readonly entries: readonly DirectoryEntry[];
}

/** A directory that was given. @param organisations codes by organisation: `<kind> <code>`, or `agency <state>/<station>` */
export function directoryOf(organisations: Readonly<Record<string, readonly string[]>>): ListedDirectory {
  const listed = Object.entries(organisations).map(([organisationId, codes]) => ({
    organisationId,
    names: new Set(codes),
    codes: codes.map((name) => ({ kind: name.slice(0, name.indexOf(' ')) as CodeKind, code: name.slice(name.indexOf(' ') + 1) })),
  }));
  const byName = (name: string): Promise<DirectoryEntry | undefined> =>
    Promise.resolve(listed.find(({ names }) => names.has(name)));
  return {
    entries: listed,
    byCode: (kind, code) => byName(`${kind} ${code}`),
    byAgency: (state, station) => byName(`agency ${state}/${station}`),
  };
}

/** The directory as rows of its projection: as much of a `DataSource` as the directory's door asks for. */
export function dataSourceOf({ entries }: ListedDirectory): DataSource {
  // The door asks by kind and code, or by state and station.
  const isAskedFor =
    ([first, second]: readonly string[]) =>
    ({ codes }: DirectoryEntry): boolean =>
      codes.some(({ kind, code }) => (kind === first && code === second) || code === `${first}/${second}`);
  const rowsOf = ({ organisationId, codes }: DirectoryEntry): object[] =>
    codes.map((held) => ({ ...held, organisation_id: organisationId }));
  return {
    query: (_question: string, name: readonly string[]) => Promise.resolve(entries.filter(isAskedFor(name)).flatMap(rowsOf)),
    getRepository: () => ({ count: () => Promise.resolve(entries.length) }),
  } as unknown as DataSource;
}
