import type { DataSource, EntityTarget } from 'typeorm';
import type { ReadModelRow } from './definition.js';

/** A read model's table as PostgreSQL names it. */
export function tableOf(dataSource: DataSource, table: EntityTarget<ReadModelRow>): string {
  const { schema, tableName } = dataSource.getMetadata(table);
  return [schema, tableName].flatMap((part) => (part === undefined ? [] : [`"${part.replaceAll('"', '""')}"`])).join('.');
}

/** Deletes the rows of a generation nobody reads, a part at a time: no lock is held long, and readers keep their snapshots. */
export async function deleteGeneration(
  dataSource: DataSource,
  tables: readonly EntityTarget<ReadModelRow>[],
  generation: number,
  rowsMax: number,
): Promise<void> {
  for (const table of tables.map((each) => tableOf(dataSource, each))) {
    const statement = `
      WITH gone AS (
        DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE generation = $1 LIMIT $2)) RETURNING 1
      )
      SELECT count(*)::int4 AS count FROM gone`;
    for (;;) {
      const rows: readonly { readonly count: number }[] = await dataSource.query(statement, [generation, rowsMax]);
      if ((rows[0]?.count ?? 0) === 0) break;
    }
  }
}
