import { Any, type EntityMetadata, type EntityTarget, type FindOptionsWhere } from 'typeorm';
import type { GenerationScope, ReadModelRow } from './definition.js';

/** What a row holds besides its primary key. */
export type RowContent<Row extends ReadModelRow> = Omit<Row, keyof ReadModelRow>;

/** What one event makes of one row. Pure; undefined in: there is no such row, undefined out: there shall be none. */
export interface RowChange<Row extends ReadModelRow> {
  readonly key: string;
  change(row: RowContent<Row> | undefined): RowContent<Row> | undefined;
}

/** Applies changes in their order: one read and one write for the whole batch. */
export async function changeRows<Row extends ReadModelRow>(
  { manager, generation }: GenerationScope,
  table: EntityTarget<Row>,
  changes: readonly RowChange<Row>[],
): Promise<void> {
  if (changes.length === 0) return;
  const keys = [...new Set(changes.map(({ key }) => key))];
  const stored = await manager.findBy(table, { generation, key: Any(keys) } as unknown as FindOptionsWhere<Row>);
  const rows = new Map<string, RowContent<Row> | undefined>(stored.map((row) => [row.key, row]));
  for (const { key, change } of changes) rows.set(key, change(rows.get(key)));
  const kept = [...rows].flatMap(([key, content]) => (content === undefined ? [] : [{ ...content, generation, key }]));
  const gone = stored.filter(({ key }) => rows.get(key) === undefined).map(({ key }) => key);
  if (kept.length > 0) await manager.query(upsertOf(manager.dataSource.getMetadata(table)), [recordsOf(table, kept)]);
  if (gone.length > 0) await manager.delete(table, { generation, key: Any(gone) });

  function recordsOf(target: EntityTarget<Row>, all: readonly ReadModelRow[]): string {
    const { columns } = manager.dataSource.getMetadata(target);
    const records = all.map((row) =>
      Object.fromEntries(columns.map((column) => [column.databaseName, column.getEntityValue(row, true) as unknown])),
    );
    return JSON.stringify(records);
  }
}

/** One parameter for all rows: TypeORM's own upsert takes one for each value, and numbering them took a tenth of a rebuild. */
function upsertOf({ tablePath, columns }: EntityMetadata): string {
  const table = tablePath.split('.').map(quoted).join('.');
  const names = columns.map(({ databaseName }) => quoted(databaseName));
  const content = columns.filter(({ isPrimary }) => !isPrimary).map(({ databaseName }) => quoted(databaseName));
  return `
    INSERT INTO ${table} (${names.join(', ')})
    SELECT ${names.join(', ')} FROM json_populate_recordset(NULL::${table}, $1)
    ON CONFLICT (generation, key) DO UPDATE SET ${content.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
