import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMPILE_CACHE, REPOSITORY_ROOT, type DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import { COSIGNER_PLANS, COSIGNERS, SERVICES, type CosignerName, type ServiceName } from '../names.js';
import { MIGRATION_STAMP, type PostgresPart } from '../parts/postgres.js';
import { StackError } from '../stack-error.js';
import type { ServiceDatabases } from './databases.js';
import { writePublicFile } from './kept-file.js';

/**
 * Brings every database to the version of the code that is about to run; the owner role is used here and nowhere else.
 * On our own PostgreSQL this is left out when the same code did it before; a given one may have been restored meanwhile.
 */
export async function runMigrations(layout: DataLayout, postgres: PostgresPart, databases: ServiceDatabases): Promise<void> {
  const stamp = layout.at('postgres', MIGRATION_STAMP);
  const code = codeDigest();
  if (postgres.own && existsSync(stamp) && readFileSync(stamp, 'utf8') === code) return;
  await Promise.all([
    ...SERVICES.map((service) => migrate(service, `services/${service}/dist`, databases)),
    ...COSIGNERS.map((cosigner) => migrate(cosigner, COSIGNER_PLANS[cosigner].program, databases)),
  ]);
  if (postgres.own) writePublicFile(stamp, code);
}

async function migrate(service: ServiceName | CosignerName, program: string, databases: ServiceDatabases): Promise<void> {
  const { ownerUrl, appRole } = databases[service];
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    COUNTERSIGN_OWNER_DATABASE_URL: ownerUrl,
    COUNTERSIGN_APP_ROLE: appRole,
    ...(service === 'identity' ? { COUNTERSIGN_KEYS_OWNER_DATABASE_URL: databases['identity-keys'].ownerUrl } : {}),
  };
  try {
    await promisify(execFile)(process.execPath, [join(REPOSITORY_ROOT, program, 'migrate.js')], {
      env,
      timeout: LIMITS.migrateMs,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new StackError(`the database of ${service} could not be migrated\n${`${stdout}${stderr}`.trim()}`, { cause: error });
  }
}

/** Digest of all built code that a migration may run. */
function codeDigest(): string {
  const hash = createHash('sha256');
  for (const file of globSync('{libs,services}/*/dist/**/*.js', { cwd: REPOSITORY_ROOT }).toSorted()) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(REPOSITORY_ROOT, file)));
  }
  return hash.digest('hex');
}
