import { createLogDataSource, eventLogMigrations, type MigrationClass } from '@countersign/event-log';
import { createLogger } from '@countersign/observability';
import { z } from 'zod';

import { inboxMigrations } from './inbox-progress.js';
import { databaseUrl, readSettings } from './service-config.js';

export interface MigrationOptions {
  /** Connection string of the owner role. */
  readonly ownerUrl: string;
  /** The role as which the service connects; migrations grant it what it needs. */
  readonly appRole: string;
  /** The service's own, as classes with a `name` that ends in a timestamp. */
  readonly migrations?: readonly MigrationClass[];
  /** Whether the database holds an event log and an inbox, whose migrations run first. Default true. */
  readonly eventLog?: boolean;
}

/**
 * Brings a database to the version of this code, all in one transaction.
 * @returns names of the migrations that ran
 */
export async function runMigrations({
  ownerUrl,
  appRole,
  migrations = [],
  eventLog = true,
}: MigrationOptions): Promise<readonly string[]> {
  const own = eventLog ? [...eventLogMigrations({ appRole }), ...inboxMigrations({ appRole })] : [];
  const dataSource = createLogDataSource({
    url: ownerUrl,
    applicationName: 'countersign-migrate',
    migrations: [...own, ...migrations],
  });
  await dataSource.initialize();
  try {
    return (await dataSource.runMigrations()).map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * The whole of a service's `migrate.ts`: reads COUNTERSIGN_OWNER_DATABASE_URL and COUNTERSIGN_APP_ROLE, runs the log's migrations and the
 * service's own. Exit code 1 if that fails.
 * @param migrations the service's own, given the app role they grant to
 */
export async function bootMigrations(
  serviceName: string,
  {
    migrations = () => [],
    eventLog = true,
  }: { readonly migrations?: (appRole: string) => readonly MigrationClass[]; readonly eventLog?: boolean } = {},
): Promise<void> {
  const logger = createLogger({ service: serviceName });
  try {
    const { COUNTERSIGN_OWNER_DATABASE_URL: ownerUrl, COUNTERSIGN_APP_ROLE: appRole } = readSettings(settings, process.env);
    const ran = await runMigrations({ ownerUrl, appRole, migrations: migrations(appRole), eventLog });
    logger.info('migrated', { count: ran.length, migration: ran.at(-1) });
  } catch (error) {
    logger.error('migration-failed', { error });
    process.exitCode = 1;
  }
}

const settings = z.object({
  COUNTERSIGN_OWNER_DATABASE_URL: databaseUrl,
  COUNTERSIGN_APP_ROLE: z.string().regex(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/),
});
