import type { DataSource, QueryRunner } from 'typeorm';
import { PROJECTION_LIMITS } from '../config.js';
import type { ProjectionDefinition } from './definition.js';
import type { Generation } from './generations.js';
import { tableOf } from './stored-rows.js';

/** One column of a row that differs, as text; undefined where there is no such row or the value is NULL. */
export interface ColumnDifference {
  readonly column: string;
  readonly live?: string;
  readonly rebuilt?: string;
}

/**
 * One row that is not as the log says.
 * `added`: the read model has it, the log does not make it. `missing`: the other way round. `changed`: its columns differ.
 */
export interface RowDifference {
  /** `schema.table` */
  readonly table: string;
  readonly key: string;
  readonly kind: 'added' | 'missing' | 'changed';
  /** Those that differ; all of the row that there is if it is added or missing. */
  readonly columns: readonly ColumnDifference[];
}

/** What comparing a read model with the log found. */
export interface Comparison {
  /** Both were made of this many records, from the log's beginning. */
  readonly position: bigint;
  readonly rowsCompared: bigint;
  /** How many rows differ, also those that are not listed. */
  readonly differing: bigint;
  readonly differences: readonly RowDifference[];
}

interface DifferingRow {
  readonly key: string;
  readonly live: Readonly<Record<string, string | null>> | null;
  readonly rebuilt: Readonly<Record<string, string | null>> | null;
}

/** Compares all tables of two generations in the snapshot of a transaction that is under way. */
export async function compareGenerations(
  snapshot: QueryRunner,
  { tables }: ProjectionDefinition,
  live: Generation,
  rebuilt: Generation,
): Promise<Comparison> {
  let comparison: Comparison = { position: rebuilt.position, rowsCompared: 0n, differing: 0n, differences: [] };
  const generations = [live.generation, rebuilt.generation];
  for (const table of tables.map((each) => tableOf(snapshot.manager.dataSource, each))) {
    const [counted]: readonly { rows: string; differing: string }[] = await snapshot.query(countOf(table), generations);
    const room = PROJECTION_LIMITS.differencesMax - comparison.differences.length;
    const found: readonly DifferingRow[] = await snapshot.query(differencesIn(table), [...generations, room]);
    comparison = {
      ...comparison,
      rowsCompared: comparison.rowsCompared + BigInt(counted?.rows ?? 0),
      differing: comparison.differing + BigInt(counted?.differing ?? 0),
      differences: [...comparison.differences, ...found.map((row) => differenceOf(table, row))],
    };
  }
  return comparison;
}

/** A snapshot of all that is committed now; the caller ends it. */
export async function openSnapshot(dataSource: DataSource): Promise<QueryRunner> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('SELECT 1'); // The snapshot is taken by the first statement.
    return runner;
  } catch (error) {
    await runner.release();
    throw error;
  }
}

export async function closeSnapshot(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } finally {
    await runner.release();
  }
}

/** Whole rows, whatever columns they have: a column that this build does not know must not hide a change. */
function joined(table: string): string {
  const side = (parameter: string): string =>
    `(SELECT t.key, to_jsonb(t) - 'generation' AS content FROM ${table} t WHERE t.generation = ${parameter})`;
  return `${side('$1')} l FULL JOIN ${side('$2')} r USING (key)`;
}

function countOf(table: string): string {
  return `
    SELECT count(*) AS rows, count(*) FILTER (WHERE l.content IS DISTINCT FROM r.content) AS differing
    FROM ${joined(table)}`;
}

function differencesIn(table: string): string {
  const texts = (side: string): string =>
    `(SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(${side}.content) e WHERE e.key <> 'key')`;
  return `
    SELECT key, ${texts('l')} AS live, ${texts('r')} AS rebuilt
    FROM ${joined(table)}
    WHERE l.content IS DISTINCT FROM r.content
    ORDER BY key LIMIT $3`;
}

function differenceOf(table: string, { key, live, rebuilt }: DifferingRow): RowDifference {
  const kind = live === null ? 'missing' : rebuilt === null ? 'added' : 'changed';
  const names = [...new Set([...Object.keys(live ?? {}), ...Object.keys(rebuilt ?? {})])].sort();
  const columns = names
    .map((column) => ({ column, live: live?.[column] ?? undefined, rebuilt: rebuilt?.[column] ?? undefined }))
    .filter((each) => each.live !== each.rebuilt);
  return { table: table.replaceAll('"', ''), key, kind, columns };
}
