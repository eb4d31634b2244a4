import { join } from 'node:path';
import { startOnePostgres, type OnePostgres } from '@countersign/stack';
import type { BenchPostgres } from '../row.js';

/** Fixed, so that runs on one machine compare: no checkpoint within a measurement but the one before it, and fsync as the disk does it. */
const SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  min_wal_size: '1GB',
  checkpoint_timeout: '30min',
  max_connections: '300',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  autovacuum: 'off',
} as const;

/** Starts a PostgreSQL for measuring on loopback and a free port, with its data below `.tools/bench`. */
export async function startBenchPostgres(
  home: string,
  slow?: { readonly preload: string },
): Promise<BenchPostgres & Pick<OnePostgres, 'stop'>> {
  const server = await startOnePostgres({
    dataDir: join(home, slow === undefined ? 'postgres' : 'postgres-slow'),
    settings: SETTINGS,
    ...(slow !== undefined && { env: { LD_PRELOAD: slow.preload } }),
  });
  return { ...server, settings: SETTINGS };
}
