import type { MigrationClass } from '@countersign/event-log';
import { readModelMigration } from '@countersign/host';

// Keys are compared byte by byte: pages have the same order in every database.
const TABLES = [
  `CREATE TABLE organisations.organisation (
    generation int4 NOT NULL,
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    nation text NOT NULL,
    state text,
    station text,
    kinds text[] NOT NULL,
    cage_codes text[] NOT NULL,
    dodaacs text[] NOT NULL,
    rics text[] NOT NULL,
    uics text[] NOT NULL,
    PRIMARY KEY (generation, key),
    CHECK ((state IS NULL) = (station IS NULL))
  )`,
];

/** @param appRole the role as which the service connects; must exist */
export function organisationListMigrations(appRole: string): readonly MigrationClass[] {
  return [readModelMigration(appRole, { name: 'Organisations1763820000200', schema: 'organisations', tables: TABLES })];
}
