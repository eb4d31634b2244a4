import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import { queryRows } from './connections.js';

const SETTINGS = {
  name: 'event-log-storage-settings',
  text: `SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name`,
};

/**
 * "Committed" must mean "survives a power loss": a log that may forget acknowledged records is behind its own anchors afterwards.
 *
 * @throws DomainError STORAGE_UNSAFE naming the setting
 */
export async function requireSafeStorage(pool: pg.Pool): Promise<void> {
  const [off] = await queryRows<{ name: string }>(pool, SETTINGS, []);
  if (off) throw new DomainError('STORAGE_UNSAFE', { field: off.name, rule: 'must be on' });
}
