import { DomainError } from '@countersign/kernel';
import type pg from 'pg';
import { READ_LIMITS } from '../config.js';
import type { FoundStream, LogReader, LogRow, NaturalKey, ReadScope } from '../log-reader.js';
import { isStorable, queryRows } from './connections.js';
import { EVENT_COLUMNS, toLogRow, type EventColumns } from './row-mapping.js';

const SIZE = { name: 'event-log-size', text: 'SELECT size FROM event_log.log_head' };
const LOG = {
  name: 'event-log-rows',
  text: `SELECT ${EVENT_COLUMNS} FROM event_log.event e WHERE e.position >= $1 ORDER BY e.position LIMIT $2`,
};
const STREAM = {
  name: 'event-log-stream-rows',
  text: `SELECT ${EVENT_COLUMNS} FROM event_log.stream s JOIN event_log.event e ON e.stream_no = s.stream_no
    WHERE s.stream_id = $1 AND e.sequence >= $2 ORDER BY e.sequence LIMIT $3`,
};
const FIND = {
  name: 'event-log-find-streams',
  text: `
    WITH found AS (
      SELECT l.stream_no, bool_or(l.role = 'identifies') AS identified
      FROM unnest($1::text[], $2::text[]) AS a(kind, value)
      JOIN event_log.stream_link l ON l.kind = a.kind AND l.value = a.value
      GROUP BY l.stream_no
    )
    SELECT s.stream_id, f.identified,
      (SELECT json_agg(json_build_object('kind', k.kind, 'value', k.value, 'role', k.role) ORDER BY k.kind, k.value)
       FROM event_log.stream_link k WHERE k.stream_no = f.stream_no) AS keys
    FROM found f
    JOIN event_log.event e ON e.position = f.stream_no
    JOIN event_log.stream s ON s.stream_id = e.stream_id
    WHERE $3::text IS NULL OR s.readers @> ARRAY[$3::text]
    ORDER BY f.stream_no LIMIT $4`,
};

interface FoundColumns {
  readonly stream_id: string;
  readonly identified: boolean;
  readonly keys: FoundStream['keys'];
}

/** The reading part of the log on PostgreSQL. */
export function logQueries(pool: pg.Pool): Pick<LogReader, 'size' | 'readLog' | 'readStreamRows' | 'findStreams'> {
  return {
    size: async () => {
      const [head] = await queryRows<{ size: string }>(pool, SIZE, []);
      return BigInt(head?.size ?? 0);
    },
    readLog: async (from, limit) => (await queryRows<EventColumns>(pool, LOG, [String(from), limit])).map(toLogRow),
    readStreamRows: (streamId) => readStreamRows(pool, streamId),
    findStreams: (keys, scope) => findStreams(pool, keys, scope),
  };
}

async function readStreamRows(pool: pg.Pool, streamId: string): Promise<readonly LogRow[]> {
  if (!isStorable(streamId)) return [];
  const rows: LogRow[] = [];
  for (;;) {
    const next = (rows.at(-1)?.sequence ?? -1n) + 1n;
    const page = await queryRows<EventColumns>(pool, STREAM, [streamId, String(next), READ_LIMITS.streamPageRows]);
    rows.push(...page.map(toLogRow));
    if (page.length < READ_LIMITS.streamPageRows) return rows;
  }
}

/** @throws DomainError MESSAGE_TOO_LARGE: a part of the answer would pass for all of it */
async function findStreams(pool: pg.Pool, keys: readonly NaturalKey[], scope: ReadScope): Promise<readonly FoundStream[]> {
  const known = keys.filter(({ kind, value }) => isStorable(kind, value));
  if (known.length === 0) return [];
  const max = READ_LIMITS.foundStreamsMax;
  const organisationId = scope === 'all' ? null : scope.organisationId;
  const rows = await queryRows<FoundColumns>(pool, FIND, [
    known.map(({ kind }) => kind),
    known.map(({ value }) => value),
    organisationId,
    max + 1,
  ]);
  if (rows.length > max)
    throw new DomainError('MESSAGE_TOO_LARGE', { field: 'keys', rule: `more than ${max} streams name these keys` });
  return rows.map(({ stream_id, identified, keys: names }) => ({ streamId: stream_id, identified, keys: names }));
}
