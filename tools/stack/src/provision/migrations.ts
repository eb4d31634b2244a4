import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY_ROOT } from '../layout.js';
import { LIMITS } from '../limits.js';
import { SERVICES, type ServiceName } from '../names.js';
import { StackError } from '../stack-error.js';
import type { ServiceDatabases } from './databases.js';

/** Brings every database to the version of the code that is about to run; the owner role is used here and nowhere else. */
export async function runMigrations(databases: ServiceDatabases): Promise<void> {
  await Promise.all(SERVICES.map((service) => migrate(service, databases)));
}

async function migrate(service: ServiceName, databases: ServiceDatabases): Promise<void> {
  const { ownerUrl, appRole } = databases[service];
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    COUNTERSIGN_OWNER_DATABASE_URL: ownerUrl,
    COUNTERSIGN_APP_ROLE: appRole,
    ...(service === 'identity' ? { COUNTERSIGN_KEYS_OWNER_DATABASE_URL: databases['identity-keys'].ownerUrl } : {}),
  };
  try {
    await promisify(execFile)(process.execPath, [join(REPOSITORY_ROOT, 'services', service, 'dist', 'migrate.js')], {
      env,
      timeout: LIMITS.migrateMs,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new StackError(`the database of ${service} could not be migrated\n${`${stdout}${stderr}`.trim()}`, { cause: error });
  }
}
