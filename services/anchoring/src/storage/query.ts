import { DomainError } from '@countersign/kernel';
import type { DataSource } from 'typeorm';

/** Runs one statement of the service's own role. */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/**
 * Statements through a data source. A failure is DEPENDENCY_UNAVAILABLE whether it took effect or not: whoever writes must be
 * able to do it again.
 */
export function queryThrough(dataSource: Pick<DataSource, 'query'>): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) => {
    try {
      return await dataSource.query<Row[]>(sql, [...parameters]);
    } catch (error) {
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' }, { cause: error });
    }
  };
}

/** SQLSTATE of the failure that PostgreSQL itself reported, if it did. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (!(cause instanceof DomainError) && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}

/** The only row. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new DomainError('INTERNAL', { rule: 'the statement gives one row' });
  return row;
}
