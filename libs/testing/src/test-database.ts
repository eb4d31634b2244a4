import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testAddresses } from './addresses.js';

/** An empty database with the two roles of a service: the owner migrates, the app role is granted what migrations say. */
export interface TestDatabase {
  readonly name: string;
  /** The superuser in this database. */
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly ownerRole: string;
  readonly appRole: string;
  /** Drops database and roles, ending connections that are still open. */
  drop(): Promise<void>;
}

/** Makes a database with a unique name on the test run's PostgreSQL. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const ownerRole = `${name}_owner`;
  const appRole = `${name}_app`;
  const password = randomBytes(12).toString('hex');
  await asSuperuser(async (client) => {
    await client.query(`create role ${ownerRole} login password '${password}'`);
    await client.query(`create role ${appRole} login password '${password}'`);
    await client.query(`create database ${name} owner ${ownerRole}`);
    await client.query(`revoke all on database ${name} from public`);
    await client.query(`grant connect on database ${name} to ${appRole}`);
  });
  return {
    name,
    superuserUrl: urlOf(name),
    ownerUrl: urlOf(name, ownerRole, password),
    appUrl: urlOf(name, appRole, password),
    ownerRole,
    appRole,
    drop: () =>
      asSuperuser(async (client) => {
        await client.query(`drop database ${name} with (force)`);
        await client.query(`drop role ${appRole}`);
        await client.query(`drop role ${ownerRole}`);
      }),
  };
}

async function asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: testAddresses.postgresUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string, user?: string, password?: string): string {
  const url = new URL(testAddresses.postgresUrl);
  url.pathname = `/${database}`;
  if (user !== undefined && password !== undefined) {
    url.username = user;
    url.password = password;
  }
  return url.href;
}
