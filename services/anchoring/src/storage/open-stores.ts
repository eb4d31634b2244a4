import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';
import type { KnownLog } from '../log/known-log.js';
import { PostgresAnchorStore } from './postgres-anchor-store.js';
import { PostgresHeadsStore } from './postgres-heads-store.js';
import { PostgresLeafStore } from './postgres-leaf-store.js';
import { PostgresTreeStore } from './postgres-tree-store.js';
import { onlyRow, queryThrough } from './query.js';

export interface PostgresStores {
  readonly leaves: PostgresLeafStore;
  readonly trees: PostgresTreeStore;
  readonly anchors: PostgresAnchorStore;
  readonly heads: PostgresHeadsStore;
}

/**
 * Opens the stores for these logs, and makes them known to the database.
 *
 * @throws DomainError LOG_MISMATCH if the database holds another log under one's number or id; DEPENDENCY_UNAVAILABLE
 */
export async function openStores(dataSource: DataSource, logs: readonly KnownLog[]): Promise<PostgresStores> {
  const query = queryThrough(dataSource);
  for (const { logNo, logId, origin, registration } of logs.flatMap((log) => [log, log.heads])) {
    const { opened } = onlyRow(
      await query<{ opened: boolean }>('SELECT anchoring.open_log($1, $2, $3, $4) AS opened', [
        logNo,
        logId,
        origin,
        registration,
      ]),
    );
    if (!opened) throw new DomainError('LOG_MISMATCH', { context: { origin } });
  }
  return {
    leaves: new PostgresLeafStore(query),
    trees: new PostgresTreeStore(query),
    anchors: new PostgresAnchorStore(query),
    heads: new PostgresHeadsStore(query),
  };
}
