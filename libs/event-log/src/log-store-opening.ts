import type { DataSource } from 'typeorm';
import { APPEND_LIMITS, type AppendLimits } from './config.js';
import type { GroupCommitStats } from './group-commit.js';
import type { LogStore } from './log-store.js';
import { poolOf } from './postgres/connections.js';
import { PostgresStore } from './postgres/postgres-store.js';

/** A log's storage without the journal above it. */
export interface OpenLogStore extends LogStore {
  readonly stats: GroupCommitStats;
  /** Refuses new commands, settles the queued ones, then gives the connection up; the data source stays open. */
  close(): Promise<void>;
}

/**
 * The append path alone: takes commands whose records are sealed already. For tools that measure or repair a log; services use
 * `openEventLog`, which also checks whose log it is.
 *
 * @param dataSource initialised, connected as the app role, migrated
 */
export function openLogStore(dataSource: DataSource, limits: Partial<AppendLimits> = {}): OpenLogStore {
  return new PostgresStore(poolOf(dataSource), { ...APPEND_LIMITS, ...limits });
}
