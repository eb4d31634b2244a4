import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE SCHEMA directory`,
  `COMMENT ON SCHEMA directory IS 'Read model of identity''s organisations. Not evidence: rebuilt from the topic at any time.'`,
  `CREATE TABLE directory.organisation (
    organisation_id text PRIMARY KEY,
    state text,
    station text,
    CHECK ((state IS NULL) = (station IS NULL))
  )`,
  `CREATE UNIQUE INDEX organisation_agency ON directory.organisation (state, station)`,
  `CREATE TABLE directory.organisation_code (
    kind text NOT NULL CHECK (kind IN ('cage', 'dodaac', 'ric', 'uic')),
    code text NOT NULL,
    organisation_id text NOT NULL,
    PRIMARY KEY (kind, code)
  )`,
  `CREATE INDEX organisation_code_holder ON directory.organisation_code (organisation_id)`,
];

/** @param appRole the role as which the service connects; must exist */
export function directoryMigrations(appRole: string): readonly (new () => MigrationInterface)[] {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  class CreateDirectory implements MigrationInterface {
    readonly name = 'CreateDirectory1763810000000';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of TABLES) await runner.query(statement);
      await runner.query(`GRANT USAGE ON SCHEMA directory TO ${role}`);
      await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA directory TO ${role}`);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('DROP SCHEMA directory CASCADE');
    }
  }
  return [CreateDirectory];
}
