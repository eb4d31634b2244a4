import {
  createLogDataSource,
  createMemoryIdentity,
  createMemoryUnitKeys,
  openEventLog,
  type EventLog,
} from '@countersign/event-log';
import type { VariantOptions } from '../variant.js';
import { LABEL } from './sealed-commands.js';

type Place = Pick<VariantOptions, 'database' | 'variant'>;
type LogDataSource = Awaited<ReturnType<ReturnType<typeof createLogDataSource>['initialize']>>;

/** Connected as the app role. */
export function connectLog({ database, variant }: Place): Promise<LogDataSource> {
  if (database === undefined) throw new Error('needs a database');
  return createLogDataSource({ url: database.appUrl, applicationName: variant }).initialize();
}

/** A log with keys of its own in a database that was just made. */
export async function openNewLog(place: Place): Promise<EventLog> {
  return openEventLog({
    dataSource: await connectLog(place),
    identity: createMemoryIdentity(),
    unitKeys: createMemoryUnitKeys(),
    label: LABEL,
    policy: 'bench',
    opener: { pseudonym: 'service', actingFor: 'operator' },
  });
}
