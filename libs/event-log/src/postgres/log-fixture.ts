import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { openEventLog, type EventLog, type EventLogOptions } from '../event-log.js';
import { createMemoryIdentity } from '../memory/memory-identity.js';
import { createMemoryUnitKeys, type MemoryUnitKeys } from '../unit-keys.js';
import { createLogDataSource } from './data-source.js';
import { eventLogMigrations } from './migrations.js';

/** A database of a suite; `TestDatabase` of the harness is one. */
export interface SuiteDatabase {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly superuserUrl: string;
  readonly appRole: string;
}

/** Logs of one database, each with connections of its own, as processes would have. */
export interface SuiteLogs {
  readonly unitKeys: MemoryUnitKeys;
  /** Another process on the same log. */
  open(change?: Partial<Omit<EventLogOptions, 'dataSource'>> & { readonly url?: string }): Promise<EventLog>;
  /** A connection of another role. */
  connect(url: string): Promise<DataSource>;
  closeAll(): Promise<void>;
}

/** Migrates the database as its owner. */
export async function suiteLogs(database: SuiteDatabase): Promise<SuiteLogs> {
  const identity = createMemoryIdentity();
  const unitKeys = createMemoryUnitKeys();
  const closers: (() => Promise<unknown>)[] = [];
  const connect = async (url: string): Promise<DataSource> => {
    const dataSource = await createLogDataSource({ url, applicationName: `suite-${randomUUID()}` }).initialize();
    closers.push(() => dataSource.destroy());
    return dataSource;
  };
  const owner = await createLogDataSource({
    url: database.ownerUrl,
    applicationName: 'migrate',
    migrations: eventLogMigrations(database),
  }).initialize();
  await owner.runMigrations();
  await owner.destroy();
  return {
    unitKeys,
    connect,
    open: async ({ url = database.appUrl, ...change } = {}) => {
      const dataSource = await connect(url);
      const opener = { pseudonym: 'service', actingFor: 'operator' };
      const log = await openEventLog({
        dataSource,
        identity,
        unitKeys,
        label: 'UNCLASSIFIED',
        policy: 'test',
        opener,
        ...change,
      });
      closers.push(() => log.close());
      return log;
    },
    closeAll: async () => {
      for (const close of closers.reverse()) await close();
    },
  };
}
