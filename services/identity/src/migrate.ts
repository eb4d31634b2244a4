import { bootMigrations, databaseUrl, readSettings, runMigrations } from '@countersign/host';
import { createLogger } from '@countersign/observability';
import { z } from 'zod';
import { identityMigrations, unitKeyMigrations } from './storage/identity-migrations.js';

await bootMigrations('identity', { migrations: identityMigrations });
await migrateUnitKeys();

/** The database of unit keys has its own owner URL; one role connects to both. */
async function migrateUnitKeys(): Promise<void> {
  const logger = createLogger({ service: 'identity' });
  try {
    const settings = z.object({ COUNTERSIGN_KEYS_OWNER_DATABASE_URL: databaseUrl, COUNTERSIGN_APP_ROLE: z.string().min(1) });
    const { COUNTERSIGN_KEYS_OWNER_DATABASE_URL: ownerUrl, COUNTERSIGN_APP_ROLE: appRole } = readSettings(settings, process.env);
    const ran = await runMigrations({ ownerUrl, appRole, migrations: unitKeyMigrations(appRole), eventLog: false });
    logger.info('unit-keys-migrated', { count: ran.length, migration: ran.at(-1) });
  } catch (error) {
    logger.error('migration-failed', { error });
    process.exitCode = 1;
  }
}
