import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_FUNCTIONS } from './append-function.js';
import { projectionGrants, PROJECTION_TABLES } from './projection-tables.js';
import { RELAY_FUNCTIONS } from './relay-functions.js';
import { TABLES } from './tables.js';

/** A migration as TypeORM's `migrations` option takes it. */
export type MigrationClass = new () => MigrationInterface;

/**
 * The log's migrations, to be run as the owner role before a service's own. They give the app role what it needs and no more:
 * it reads everything, appends and moves relay cursors through functions, and writes projection cursors.
 *
 * @param appRole name of the role as which the service connects; must exist
 */
export function eventLogMigrations({ appRole }: { readonly appRole: string }): readonly MigrationClass[] {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  class CreateEventLog implements MigrationInterface {
    readonly name = 'CreateEventLog1763800000030';

    async up(runner: QueryRunner): Promise<void> {
      await requireNoEarlierLog(runner);
      for (const statement of [...TABLES, ...APPEND_FUNCTIONS, ...RELAY_FUNCTIONS, ...grantsTo(role)])
        await runner.query(statement);
    }

    /** A log is never taken back. */
    down(): Promise<void> {
      return Promise.reject(new Error('the event log cannot be dropped by a migration'));
    }
  }

  class GenerationsOfReadModels implements MigrationInterface {
    readonly name = 'GenerationsOfReadModels1763800000034';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of [...PROJECTION_TABLES, ...projectionGrants(role)]) await runner.query(statement);
    }

    down(): Promise<void> {
      return Promise.reject(new Error('the event log cannot be dropped by a migration'));
    }
  }
  return [CreateEventLog, GenerationsOfReadModels];
}

/** Logs laid out before the first release are not carried over: better said than half done. */
async function requireNoEarlierLog(runner: QueryRunner): Promise<void> {
  const [found] = (await runner.query(`SELECT to_regnamespace('event_log') AS schema`)) as { schema: string | null }[];
  if (found?.schema !== null)
    throw new Error('this database holds a log of an older layout, from before the first release: give the service an empty one');
}

function grantsTo(role: string): string[] {
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA event_log FROM PUBLIC`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA event_log FROM PUBLIC`,
    `GRANT USAGE ON SCHEMA event_log TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA event_log TO ${role}`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA event_log TO ${role}`,
    `REVOKE ALL ON FUNCTION event_log.refuse_change() FROM ${role}`,
    `GRANT INSERT, UPDATE ON event_log.projection TO ${role}`,
  ];
}
