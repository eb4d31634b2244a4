import type { MigrationClass } from '@countersign/event-log';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export interface ReadModelMigration {
  /** Ends in a timestamp, as TypeORM wants it. */
  readonly name: string;
  /** Made for this read model alone. */
  readonly schema: string;
  /** Made in the schema; each table has (generation, key) as primary key. */
  readonly tables: readonly string[];
}

/**
 * Makes the tables of a read model. The service's role may write them: they are no evidence. A later version of the read model adds
 * columns in a migration of its own, nullable, as rows of both versions stand side by side until the switch.
 */
export function readModelMigration(appRole: string, { name, schema, tables }: ReadModelMigration): MigrationClass {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  return class CreateReadModel implements MigrationInterface {
    readonly name = name;

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`CREATE SCHEMA ${schema}`);
      await runner.query(`COMMENT ON SCHEMA ${schema} IS 'A read model. Not evidence: rebuilt from the event log at any time.'`);
      for (const statement of tables) await runner.query(statement);
      await runner.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM PUBLIC`);
      await runner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
      await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query(`DROP SCHEMA ${schema} CASCADE`);
    }
  };
}
