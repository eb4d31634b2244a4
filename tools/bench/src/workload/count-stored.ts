import pg from 'pg';
import type { Measurement } from '../measurement.js';

/** What a peer's tables hold after timing. Each query gives one number. */
export interface StoredQueries {
  readonly events: string;
  /** Rows that stand for an event that another row stands for already. */
  readonly doubled: string;
  /** Streams whose versions are not dense from the first. */
  readonly streamsWithGaps: string;
}

/** Compares what a peer acknowledged with what it stored. */
export async function countStored(
  url: string,
  acknowledged: number,
  queries: StoredQueries,
): Promise<Pick<Measurement, 'lost' | 'doubled' | 'verified' | 'refused'> & { readonly bytesPerEvent: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const ask = async (query: string): Promise<number> =>
      Number(Object.values((await client.query<Record<string, string>>(query)).rows[0] ?? {})[0]);
    const [stored, doubled, gaps] = [await ask(queries.events), await ask(queries.doubled), await ask(queries.streamsWithGaps)];
    const refused = refusalOf({ stored, acknowledged, gaps });
    return {
      lost: Math.max(0, acknowledged - stored),
      doubled,
      verified: refused === undefined && doubled === 0,
      ...(refused !== undefined && { refused }),
      bytesPerEvent: Math.round((await ask(DATABASE_BYTES)) / Math.max(1, stored)),
    };
  } finally {
    await client.end();
  }
}

const DATABASE_BYTES = `select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`;

function refusalOf({ stored, acknowledged, gaps }: Record<'stored' | 'acknowledged' | 'gaps', number>): string | undefined {
  if (stored !== acknowledged) return `${acknowledged} events were acknowledged, ${stored} are stored`;
  return gaps > 0 ? `${gaps} streams have gaps` : undefined;
}
