import { DataSource, type DataSourceOptions } from 'typeorm';
import type { MigrationClass } from './migrations.js';

export interface LogDataSourceOptions {
  /** `postgres://role:password@host:port/database` */
  readonly url: string;
  /** Shows in `pg_stat_activity`. */
  readonly applicationName: string;
  /** The log keeps one of them (its listener) and shares the rest with read models; its writer has one of its own. Default 10. */
  readonly poolSize?: number;
  readonly entities?: DataSourceOptions['entities'];
  /** The log's own first (`eventLogMigrations`), then the service's. Only for a source that runs as the owner role. */
  readonly migrations?: readonly MigrationClass[];
}

/** A data source with the limits that the log relies on: nothing waits for ever, neither for a connection nor for an answer. */
export function createLogDataSource({
  url,
  applicationName,
  poolSize = 10,
  entities = [],
  migrations = [],
}: LogDataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    poolSize,
    entities,
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'all',
    connectTimeoutMS: 5_000,
    logging: false,
    extra: { statement_timeout: 30_000, query_timeout: 35_000, idle_in_transaction_session_timeout: 60_000, keepAlive: true },
  });
}
