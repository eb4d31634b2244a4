import type { DataSource } from 'typeorm';
import type { CodeKind, DirectoryEntry, OrganisationDirectory } from './organisation-directory/organisation-directory.js';
import { OrganisationCodeRow } from './organisation-directory/organisation-rows.js';

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
  const codes = entries.flatMap(({ organisationId, codes: held }) => held.map((code) => ({ ...code, organisationId })));
  const repositoryOf = (rows: readonly object[]): object => {
    const matches = (where: object) => (row: object) =>
      Object.entries(where).every(([name, value]) => (row as Record<string, unknown>)[name] === value);
    return {
      findOneBy: (where: object) => Promise.resolve(rows.find(matches(where)) ?? null),
      findBy: (where: object) => Promise.resolve(rows.filter(matches(where))),
      count: () => Promise.resolve(rows.length),
    };
  };
  const getRepository = (row: unknown): object => repositoryOf(row === OrganisationCodeRow ? codes : entries);
  return { getRepository } as unknown as DataSource;
}
