import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { MigrationClass } from '../storage/migrations.js';
import { WITNESS_FUNCTIONS, WITNESS_SCHEMA } from './witness-schema.js';

/**
 * The migrations of a witness's own database, to be run as the owner role.
 *
 * @param appRole name of the role as which the witness connects; it reads everything and writes through functions only
 */
export function witnessMigrations({ appRole }: { readonly appRole: string }): readonly MigrationClass[] {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  class CreateWitness implements MigrationInterface {
    readonly name = 'CreateWitness1764500000000';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of [...WITNESS_SCHEMA, ...WITNESS_FUNCTIONS, ...grantsTo(role)]) await runner.query(statement);
    }

    /** What was vouched for is never taken back. */
    down(): Promise<void> {
      return Promise.reject(new Error("a witness's memory cannot be dropped by a migration"));
    }
  }
  return [CreateWitness];
}

function grantsTo(role: string): string[] {
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA witness FROM PUBLIC`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA witness FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA witness TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA witness TO ${role}`,
    `GRANT EXECUTE ON FUNCTION witness.advance, witness.keep_fork TO ${role}`,
  ];
}
