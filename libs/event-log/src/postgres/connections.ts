import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import type { DataSource } from 'typeorm';

/** The driver's pool behind a TypeORM data source: the hot paths use prepared statements by name, which TypeORM does not pass on. */
export function poolOf(dataSource: DataSource): pg.Pool {
  const { master } = dataSource.driver as unknown as { readonly master?: pg.Pool };
  if (!master) throw new DomainError('INTERNAL', { rule: 'the data source is not an initialised PostgreSQL one' });
  return master;
}

/** A query that is parsed once per connection. */
export interface Statement {
  /** Unique in the process. */
  readonly name: string;
  readonly text: string;
}

/** @throws DomainError DEPENDENCY_UNAVAILABLE */
export async function queryRows<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
    return rows;
  } catch (error) {
    throw unavailable(error);
  }
}

/** A failed query as callers may see it. The driver's message may quote values: it is the cause, for the allow-listed log only. */
export function unavailable(cause: unknown, rule?: string): DomainError {
  const sqlState = sqlStateOf(cause);
  const detail = { ...(rule !== undefined && { rule }), ...(sqlState !== undefined && { context: { sqlState } }) };
  return new DomainError('DEPENDENCY_UNAVAILABLE', detail, { cause });
}

export function sqlStateOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** PostgreSQL stores every text but one with U+0000; such a text equals nothing that is stored. */
export function isStorable(...texts: readonly string[]): boolean {
  return texts.every((text) => !text.includes('\0'));
}
