import { parseEntry, recordDigest } from '@countersign/record';
import pg from 'pg';
import type { Measurement } from '../measurement.js';

export type Verification = Pick<Measurement, 'lost' | 'doubled' | 'verified' | 'refused'> & {
  /** Records in the log. */
  readonly size: number;
  readonly bytesPerEvent: number;
};

const SAMPLES = 200;

/**
 * Checks a log after timing, as a stranger to the code that wrote it: every acknowledged event is there once and at the position
 * that was told, positions and the sequences of every stream are dense, and sampled records are what their entries say.
 *
 * @param acknowledged position by event id
 */
export async function verifyLog(url: string, acknowledged: ReadonlyMap<string, bigint>): Promise<Verification> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; at: string }>(
      'select event_id as id, position as at from event_log.event order by position',
    );
    const findings = [
      ...comparePositions(rows, acknowledged),
      ...(await streamsWithGaps(client)),
      ...(await alteredSamples(client, rows.length)),
    ];
    const ids = new Set(rows.map(({ id }) => id));
    const lost = [...acknowledged.keys()].filter((id) => !ids.has(id)).length;
    const doubled = rows.length - ids.size;
    const [refused] = findings;
    const { rows: sizes } = await client.query<{ bytes: string }>(SIZE);
    return {
      lost,
      doubled,
      verified: refused === undefined && lost === 0 && doubled === 0,
      ...(refused !== undefined && { refused }),
      size: rows.length,
      bytesPerEvent: Math.round(Number(sizes[0]?.bytes) / Math.max(1, rows.length)),
    };
  } finally {
    await client.end();
  }
}

const SIZE = `select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'event_log' and c.relkind in ('r', 'p')`;

/** Events that nobody was told of would have been recorded behind a caller's back; the first record, which opens the log, is nobody's. */
function comparePositions(
  rows: readonly { readonly id: string; readonly at: string }[],
  acknowledged: ReadonlyMap<string, bigint>,
): string[] {
  let unexpected = 0;
  for (const [index, { id, at }] of rows.entries()) {
    if (at !== String(index)) return [`position ${index} is not in the log`];
    const told = acknowledged.get(id);
    if (told === undefined) unexpected += 1;
    else if (told !== BigInt(index)) return [`event ${id} was told position ${told}, but is at ${index}`];
  }
  return unexpected > 1 ? [`${unexpected - 1} events are stored that nobody was told of`] : [];
}

async function streamsWithGaps(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ gaps: string }>(
    `select count(*) as gaps from (
       select from event_log.event group by stream_id having min(sequence) <> 0 or max(sequence) <> count(*) - 1 or count(distinct sequence) <> count(*)
     ) g`,
  );
  return rows[0]?.gaps === '0' ? [] : [`${rows[0]?.gaps} streams have gaps`];
}

async function alteredSamples(client: pg.Client, size: number): Promise<string[]> {
  const step = Math.max(1, Math.floor(size / SAMPLES));
  const positions = Array.from({ length: Math.ceil(size / step) }, (_, index) => index * step);
  const { rows } = await client.query<{ at: string; header: Buffer; entry: Buffer }>(
    'select position as at, header, entry from event_log.event where position = any($1)',
    [positions],
  );
  const altered = rows.find(({ header, entry }) => !Buffer.from(parseEntry(entry).recordDigest).equals(recordDigest(header)));
  if (rows.length !== positions.length) return ['sampled records are missing'];
  return altered === undefined ? [] : [`the record at position ${altered.at} does not match its entry`];
}
