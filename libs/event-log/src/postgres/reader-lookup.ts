import type pg from 'pg';
import { binaryArray } from './binary-array.js';
import { isStorable, queryRows } from './connections.js';

export interface ReaderKey {
  readonly streamId: string;
  readonly organisationId: string;
}

/** By the primary key, also while tables are small. */
const READERS = {
  name: 'event-log-may-read',
  text: `
    SELECT w.ord FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(stream_id, organisation_id, ord)
    CROSS JOIN LATERAL (
      SELECT FROM event_log.stream s WHERE s.stream_id = w.stream_id AND s.readers @> ARRAY[w.organisation_id] LIMIT 1
    ) r`,
};

/** Whether each organisation was given the stream's evidence, in the order of the keys. */
export async function lookUpReaders(pool: pg.Pool, keys: readonly ReaderKey[]): Promise<readonly boolean[]> {
  const storable = (text: string): string | null => (isStorable(text) ? text : null);
  const rows = await queryRows<{ ord: string }>(pool, READERS, [
    binaryArray.text(keys.map(({ streamId }) => storable(streamId))),
    binaryArray.text(keys.map(({ organisationId }) => storable(organisationId))),
  ]);
  const found = new Set(rows.map(({ ord }) => Number(ord) - 1));
  return keys.map((_, index) => found.has(index));
}
