import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS } from './functions.js';
import { headsSchema } from './heads-schema.js';
import { APPEND_ONLY_TRIGGERS, SCHEMA } from './schema.js';

/** A migration as TypeORM's `migrations` option takes it. */
export type MigrationClass = new () => MigrationInterface;

/**
 * The migrations of the anchoring service, to be run as the owner role.
 *
 * @param appRole name of the role as which the service connects; it reads everything and writes through functions only
 */
export function anchoringMigrations({ appRole }: { readonly appRole: string }): readonly MigrationClass[] {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  class CreateAnchoring implements MigrationInterface {
    readonly name = 'CreateAnchoring1763800000000';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of [...SCHEMA, ...FUNCTIONS, ...APPEND_ONLY_TRIGGERS, ...grantsTo(role)])
        await runner.query(statement);
    }

    /** Evidence is never taken back. */
    down(): Promise<void> {
      return Promise.reject(new Error('trees and chain commits cannot be dropped by a migration'));
    }
  }

  class AddItemHeads implements MigrationInterface {
    readonly name = 'AddItemHeads1764547200000';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of headsSchema(role)) await runner.query(statement);
    }

    /** Evidence is never taken back. */
    down(): Promise<void> {
      return Promise.reject(new Error('item heads cannot be dropped by a migration'));
    }
  }
  return [CreateAnchoring, AddItemHeads];
}

function grantsTo(role: string): string[] {
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA anchoring FROM PUBLIC`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anchoring FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA anchoring TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA anchoring TO ${role}`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA anchoring TO ${role}`,
    `REVOKE ALL ON FUNCTION anchoring.refuse_change(), anchoring.receive_leaves FROM ${role}`,
  ];
}
