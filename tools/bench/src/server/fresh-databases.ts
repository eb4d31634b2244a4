import { randomBytes } from 'node:crypto';
import { createLogDataSource, eventLogMigrations } from '@countersign/event-log';
import { databaseUrl } from '@countersign/stack';
import pg from 'pg';
import type { BenchPostgres, PrepareDatabase } from '../row.js';
import type { BenchDatabase } from '../variant.js';

const OWNER = 'bench_owner';
const APP = 'bench_app';

/**
 * Makes databases anew by copying one that was prepared once: neither rows nor bloat of an earlier round are left, and no table
 * has to be known here. What an earlier bench left is dropped first.
 */
export class FreshDatabases {
  readonly #password = randomBytes(12).toString('hex');
  readonly #prepared = new Map<string, Promise<void>>();
  #roles: Promise<void> | undefined;

  constructor(private readonly server: BenchPostgres) {}

  async make(kind: string, prepare: PrepareDatabase = migrateLog): Promise<BenchDatabase> {
    this.#roles ??= this.#begin();
    await this.#roles;
    const template = `template_${kind}`;
    const prepared = this.#prepared.get(kind) ?? this.#prepare(template, prepare);
    this.#prepared.set(kind, prepared);
    await prepared;
    const name = `bench_${kind}`;
    await this.#create(name, template);
    return this.#places(name);
  }

  async #begin(): Promise<void> {
    await this.#asSuperuser(async (client) => {
      const { rows } = await client.query<{ datname: string }>(
        `select datname from pg_database where datname like 'bench\\_%' or datname like 'template\\_%'`,
      );
      for (const { datname } of rows) await client.query(`drop database "${datname}" with (force)`);
      for (const role of [OWNER, APP]) {
        await client.query(`drop role if exists ${role}`);
        await client.query(`create role ${role} login password '${this.#password}'`);
      }
    });
  }

  async #prepare(template: string, prepare: PrepareDatabase): Promise<void> {
    await this.#create(template, 'template0');
    await prepare(this.#places(template));
  }

  async #create(name: string, template: string): Promise<void> {
    await this.#asSuperuser(async (client) => {
      await client.query(`drop database if exists ${name} with (force)`);
      // Copied as files: the copy is not in the WAL, and the next measurement begins right after a checkpoint, as every one does.
      await client.query(`create database ${name} owner ${OWNER} template ${template} strategy file_copy`);
      await client.query(`revoke all on database ${name} from public`);
      await client.query(`grant connect, temporary on database ${name} to ${APP}`);
      await client.query('checkpoint');
    });
  }

  #places(name: string): BenchDatabase {
    const { superuserUrl } = this.server;
    return {
      name,
      superuserUrl: databaseUrl(superuserUrl, name),
      ownerUrl: databaseUrl(superuserUrl, name, OWNER, this.#password),
      appUrl: databaseUrl(superuserUrl, name, APP, this.#password),
      appRole: APP,
    };
  }

  async #asSuperuser(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: this.server.superuserUrl });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }
}

/** As a service's migrations do it: as the owner, with grants to the app role. */
async function migrateLog({ ownerUrl, appRole }: BenchDatabase): Promise<void> {
  const owner = createLogDataSource({
    url: ownerUrl,
    applicationName: 'bench-migrate',
    migrations: eventLogMigrations({ appRole }),
  });
  await owner.initialize();
  await owner.runMigrations();
  await owner.destroy();
}
