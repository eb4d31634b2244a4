import { randomUUID } from 'node:crypto';
import {
  createLogDataSource,
  createMemoryIdentity,
  createMemoryUnitKeys,
  openEventLog,
  openLogStore,
  type EventLog,
  type OpenLogStore,
} from '@countersign/event-log';
import type { BenchDatabase } from '../variant.js';

/** A log as a service holds it, and its append path for commands that are sealed already. */
export interface BenchLog {
  readonly log: EventLog;
  readonly store: OpenLogStore;
  close(): Promise<void>;
}

/** Opens the log of a migrated database as the app role; writes its first record if it is empty. */
export async function openBenchLog(database: BenchDatabase | undefined): Promise<BenchLog> {
  if (database === undefined) throw new Error('this variant needs a database');
  const dataSource = await createLogDataSource({ url: database.appUrl, applicationName: `bench-${randomUUID()}` }).initialize();
  const log = await openEventLog({
    dataSource,
    identity: createMemoryIdentity(),
    unitKeys: createMemoryUnitKeys(),
    label: 'UNCLASSIFIED',
    policy: 'bench',
    opener: { pseudonym: 'service', actingFor: 'operator' },
  });
  const store = openLogStore(dataSource);
  return {
    log,
    store,
    close: async () => {
      await store.close();
      await log.close();
      await dataSource.destroy();
    },
  };
}
