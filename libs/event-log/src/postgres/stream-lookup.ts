import type pg from 'pg';
import { READ_LIMITS } from '../config.js';
import type { LoadedStream } from '../log-store.js';
import { binaryArray } from './binary-array.js';
import { queryRows } from './connections.js';
import { EVENT_COLUMNS, toLogRow, type EventColumns } from './row-mapping.js';

export interface StreamKey {
  readonly streamId: string;
  readonly fromSequence: bigint;
}

interface StreamColumns extends EventColumns {
  readonly ord: string;
  readonly next_sequence: string;
  readonly last_digest: Buffer;
  /** Hex by release group. */
  readonly unit_keys: Readonly<Record<string, string>>;
}

/** One statement, so head and rows are of one moment. Every lookup is lateral with a limit: by index, also while tables are small. */
const STREAMS = {
  name: 'event-log-streams',
  text: `
    SELECT w.ord, h.next_sequence, h.last_digest, h.unit_keys, ${EVENT_COLUMNS}
    FROM unnest($1::text[], $2::int8[]) WITH ORDINALITY AS w(stream_id, from_sequence, ord)
    CROSS JOIN LATERAL (SELECT * FROM event_log.stream s WHERE s.stream_id = w.stream_id LIMIT 1) h
    LEFT JOIN LATERAL (
      SELECT * FROM event_log.event e
      WHERE e.stream_no = h.stream_no AND e.sequence >= w.from_sequence
      ORDER BY e.sequence LIMIT ${READ_LIMITS.streamPageRows}
    ) e ON true
    ORDER BY w.ord, e.sequence`,
};

/** Streams with their rows from some sequence on, in the order of the keys. */
export async function lookUpStreams(pool: pg.Pool, keys: readonly StreamKey[]): Promise<readonly LoadedStream[]> {
  const rows = await queryRows<StreamColumns>(pool, STREAMS, [
    binaryArray.text(keys.map(({ streamId }) => streamId)),
    binaryArray.int8(keys.map(({ fromSequence }) => fromSequence)),
  ]);
  const byKey = Map.groupBy(rows, ({ ord }) => Number(ord) - 1);
  return keys.map((_, index) => toStream(byKey.get(index) ?? []));
}

function toStream(rows: readonly StreamColumns[]): LoadedStream {
  const [head] = rows;
  if (!head) return { nextSequence: 0n, lastDigest: undefined, unitKeyIds: new Map(), rows: [] };
  const unitKeyIds = Object.entries(head.unit_keys).map(([group, hex]) => [group, Buffer.from(hex, 'hex')] as const);
  return {
    nextSequence: BigInt(head.next_sequence),
    lastDigest: head.last_digest,
    unitKeyIds: new Map(unitKeyIds),
    rows: rows.filter(({ position }) => position !== null).map(toLogRow),
  };
}
