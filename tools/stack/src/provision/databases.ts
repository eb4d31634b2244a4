import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { DataLayout } from '../layout.js';
import { COSIGNERS, SERVICES, type CosignerName, type Namespace, type ServiceName } from '../names.js';
import type { PostgresPart } from '../parts/postgres.js';
import { StackError } from '../stack-error.js';
import { installationOf } from './installation.js';
import { keptSecret, writePublicFile } from './kept-file.js';

/** Where one service finds its database, as owner (migrations only) and as itself. */
export interface ServiceDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly appRole: string;
}

/** Stands in the data directory once its databases were made; names the server if that was given. */
export const DATABASES_MADE = 'databases-made';
/** The same for those of the cosigners, one a line: a platform may be older than some of them. */
const COSIGNER_DATABASES_MADE = 'cosigner-databases-made';

/** Identity keeps unit keys apart from its events: a database with backups of its own. */
export type DatabaseName = ServiceName | 'identity-keys' | CosignerName;

export type ServiceDatabases = Readonly<Record<DatabaseName, ServiceDatabase>>;

interface DatabasePlan {
  readonly name: DatabaseName;
  readonly database: string;
  readonly ownerRole: string;
  readonly appRole: string;
}

/** The databases and roles of a namespace; both databases of identity belong to the same two roles. */
function databasePlans({ database: prefix }: Namespace): readonly DatabasePlan[] {
  const planOf = (name: DatabaseName, service: ServiceName | CosignerName): DatabasePlan => ({
    name,
    database: `${prefix}_${name.replace('-', '_')}`,
    ownerRole: `${prefix}_${service}_owner`,
    appRole: `${prefix}_${service}_app`,
  });
  return [
    ...SERVICES.map((service) => planOf(service, service)),
    planOf('identity-keys', 'identity'),
    ...COSIGNERS.map((cosigner) => planOf(cosigner, cosigner)),
  ];
}

/**
 * Creates what is missing: databases, owner roles, app roles. The app role may connect and nothing more; what it may
 * read and append is granted by the migrations.
 * @throws StackError when the databases belong to another installation
 */
export async function provisionDatabases(
  layout: DataLayout,
  postgres: PostgresPart,
  namespace: Namespace,
): Promise<ServiceDatabases> {
  const installation = installationOf(layout);
  const plans = databasePlans(namespace);
  const madeBefore = layout.at(DATABASES_MADE);
  const entries = await asSuperuser(postgres.superuserUrl, async (client) => {
    await requireDatabases(
      client,
      plans.filter(({ name }) => wasMade(layout, name)),
    );
    const created: [DatabaseName, ServiceDatabase][] = [];
    for (const plan of plans) {
      const ownerPassword = await ensureRole(client, layout, plan.ownerRole);
      const appPassword = await ensureRole(client, layout, plan.appRole);
      await ensureDatabase(client, plan, installation);
      const urlFor = (role: string, password: string): string =>
        databaseUrl(postgres.superuserUrl, plan.database, role, password);
      const [ownerUrl, appUrl] = [urlFor(plan.ownerRole, ownerPassword), urlFor(plan.appRole, appPassword)];
      created.push([plan.name, { ownerUrl, appUrl, appRole: plan.appRole }]);
    }
    return created;
  });
  writePublicFile(madeBefore, postgres.own ? '' : new URL(postgres.superuserUrl).host);
  writePublicFile(layout.at(COSIGNER_DATABASES_MADE), COSIGNERS.map((name) => `${name}\n`).join(''));
  return Object.fromEntries(entries) as Record<DatabaseName, ServiceDatabase>;
}

function wasMade(layout: DataLayout, name: DatabaseName): boolean {
  if (!COSIGNERS.some((cosigner) => cosigner === name)) return existsSync(layout.at(DATABASES_MADE));
  const file = layout.at(COSIGNER_DATABASES_MADE);
  return existsSync(file) && readFileSync(file, 'utf8').split('\n').includes(name);
}

/** Drops the databases and roles of a namespace, as far as they carry this installation's mark. */
export async function dropDatabases(
  superuserUrl: string,
  namespace: Namespace,
  installation: string,
): Promise<readonly string[]> {
  return asSuperuser(superuserUrl, async (client) => {
    const dropped: string[] = [];
    const plans = databasePlans(namespace);
    for (const { database } of plans) {
      if ((await markOfDatabase(client, database)) !== markOf(installation)) continue;
      await client.query(`drop database ${quoted(database)} with (force)`);
      dropped.push(database);
    }
    if (dropped.length === 0) return dropped;
    for (const role of new Set(plans.flatMap(({ ownerRole, appRole }) => [ownerRole, appRole]))) {
      await client.query(`drop role if exists ${quoted(role)}`);
    }
    return dropped;
  });
}

/** The given URL with another database, and another role if one is named. */
export function databaseUrl(serverUrl: string, database: string, role?: string, password?: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) url.username = role;
  if (password !== undefined) url.password = password;
  return url.href;
}

/**
 * The logs of an installation stand in its databases. Beginning them anew, under the same keys, would be a fork; a cosigner that begins
 * anew would vouch for one.
 * @throws StackError when databases that were made before are not there
 */
async function requireDatabases(client: pg.Client, plans: readonly DatabasePlan[]): Promise<void> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  const missing = plans.map(({ database }) => database).filter((database) => !rows.some(({ datname }) => datname === database));
  if (missing.length === 0) return;
  throw new StackError(
    `the PostgreSQL at ${client.host}:${client.port} does not hold ${missing.join(', ')}: this data directory belongs to another one, and its logs must not begin anew:\n` +
      '  set COUNTERSIGN_DATA_DIR to another directory, or clear this one (npm run reset)',
  );
}

async function ensureRole(client: pg.Client, layout: DataLayout, role: string): Promise<string> {
  const password = keptSecret(join(layout.keys, 'database', `${role}.password`), () =>
    randomBytes(24).toString('base64url'),
  ).toString();
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${verb} role ${quoted(role)} login nosuperuser nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
  return password;
}

async function ensureDatabase(
  client: pg.Client,
  { database, ownerRole, appRole }: DatabasePlan,
  installation: string,
): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
  if (rowCount === 0) {
    // A role that is not superuser may hand a database only to a role it is a member of.
    await client.query(`grant ${quoted(ownerRole)} to current_user`);
    await client.query(`create database ${quoted(database)} owner ${quoted(ownerRole)} template template0 encoding 'UTF8'`);
    await client.query(`comment on database ${quoted(database)} is ${client.escapeLiteral(markOf(installation))}`);
  } else if ((await markOfDatabase(client, database)) !== markOf(installation)) {
    throw new StackError(
      `the PostgreSQL at ${client.host}:${client.port} already holds ${database}, which another installation made:\n` +
        '  set COUNTERSIGN_NAMESPACE to another word, or drop that database, or use the data directory that belongs to it (COUNTERSIGN_DATA_DIR)',
    );
  }
  await client.query(`revoke all on database ${quoted(database)} from public`);
  await client.query(`grant connect on database ${quoted(database)} to ${quoted(appRole)}`);
}

async function markOfDatabase(client: pg.Client, database: string): Promise<string | null | undefined> {
  const { rows } = await client.query<{ mark: string | null }>(
    "select shobj_description(oid, 'pg_database') as mark from pg_database where datname = $1",
    [database],
  );
  return rows[0]?.mark;
}

/** Stands as the database's comment, so that two installations never write into one database. */
function markOf(installation: string): string {
  return `countersign installation ${installation}`;
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

async function asSuperuser<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
