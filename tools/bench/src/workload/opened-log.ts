import {
  createLogDataSource,
  createMemoryIdentity,
  createMemoryUnitKeys,
  openEventLog,
  type EventLog,
} from '@countersign/event-log';
import type { VariantOptions } from '../variant.js';
import { LABEL } from './sealed-commands.js';

/** A log with keys of its own in a database that was just made, connected as the app role. */
export async function openNewLog({ database, variant }: Pick<VariantOptions, 'database' | 'variant'>): Promise<EventLog> {
  if (database === undefined) throw new Error('needs a database');
  const dataSource = createLogDataSource({ url: database.appUrl, applicationName: variant });
  await dataSource.initialize();
  return openEventLog({
    dataSource,
    identity: createMemoryIdentity(),
    unitKeys: createMemoryUnitKeys(),
    label: LABEL,
    policy: 'bench',
    opener: { pseudonym: 'service', actingFor: 'operator' },
  });
}
