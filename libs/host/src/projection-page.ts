import type { ReadingTerms } from '@countersign/event-log';
import { DomainError } from '@countersign/kernel';

/** A caller's wish for one page of a read model. */
export interface PageRequest {
  /** 0: the default. */
  readonly pageSize: number;
  /** Empty: from the beginning. */
  readonly pageToken: string;
  readonly atLeastPosition?: bigint;
}

/** What to ask a read model for. */
export interface PageTerms extends ReadingTerms {
  readonly rowsMax: number;
  /** Key of the last row of the page before. */
  readonly after: string;
}

const ROWS = { default: 100, max: 1_000 } as const;

/** @throws DomainError FIELD_INVALID */
export function pageTerms({ pageSize, pageToken, atLeastPosition }: PageRequest): PageTerms {
  const rowsMax = Math.min(pageSize === 0 ? ROWS.default : pageSize, ROWS.max);
  const after = Buffer.from(pageToken, 'base64url').toString('utf8');
  if (Buffer.from(after, 'utf8').toString('base64url') !== pageToken || after.includes('\0'))
    throw new DomainError('FIELD_INVALID', { field: 'page_token', rule: 'the next_page_token of an earlier answer' });
  return { rowsMax, after, ...(atLeastPosition !== undefined && { atLeastPosition }) };
}

/** A page of the rows that were found, and the token of the next page; empty after the last. Ask for one row more than the page has. */
export function pageOf<Row extends { readonly key: string }>(
  found: readonly Row[],
  { rowsMax }: Pick<PageTerms, 'rowsMax'>,
): { readonly rows: readonly Row[]; readonly nextPageToken: string } {
  const rows = found.slice(0, rowsMax);
  const last = found.length > rowsMax ? rows.at(-1) : undefined;
  return { rows, nextPageToken: last === undefined ? '' : Buffer.from(last.key, 'utf8').toString('base64url') };
}
