import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';
import { queryThrough } from '../storage/query.js';
import { PostgresWitnessStore } from './postgres-witness-store.js';

const UNSAFE = `SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'`;

/**
 * Opens a witness's memory. A witness that forgets a head after a power loss would vouch for another one.
 *
 * @throws DomainError STORAGE_UNSAFE naming the setting by which the database may lose what it committed; DEPENDENCY_UNAVAILABLE
 */
export async function openWitnessStore(dataSource: DataSource): Promise<PostgresWitnessStore> {
  const query = queryThrough(dataSource);
  const [off] = await query<{ name: string }>(UNSAFE);
  if (off !== undefined) throw new DomainError('STORAGE_UNSAFE', { field: off.name, rule: 'must be on' });
  return new PostgresWitnessStore(query);
}
