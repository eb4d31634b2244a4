import type pg from 'pg';
import type { RecordedEvent } from '../journal.js';
import type { CommandKey, StoredCommand } from '../log-store.js';
import { binaryArray } from './binary-array.js';
import { queryRows } from './connections.js';

interface CommandColumns {
  readonly ord: string;
  readonly request_digest: Buffer;
  readonly result: string;
  readonly position: string | null;
  readonly event_id: string;
  readonly type: string;
  readonly stream_id: string;
  readonly sequence: string;
  readonly record_digest: Buffer;
}

/** A command's events stand together; the record digest is part of the entry (formats §5: from byte 41). */
const COMMANDS = {
  name: 'event-log-commands',
  text: `
    SELECT w.ord, c.request_digest, c.result, e.position, e.event_id, e.type, e.stream_id, e.sequence, substr(e.entry, 42, 32) AS record_digest
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(principal_id, command_id, ord)
    CROSS JOIN LATERAL (
      SELECT k.request_digest, k.result, k.first_position, k.event_count FROM event_log.command k
      WHERE k.principal_id = w.principal_id AND k.command_id = w.command_id LIMIT 1
    ) c
    LEFT JOIN LATERAL (
      SELECT * FROM event_log.event v
      WHERE v.position >= c.first_position AND v.position < c.first_position + c.event_count
      ORDER BY v.position LIMIT c.event_count
    ) e ON true
    ORDER BY w.ord, e.position`,
};

/** What is stored with commands, in the order of the keys; undefined for one that was never recorded. */
export async function lookUpCommands(
  pool: pg.Pool,
  keys: readonly CommandKey[],
): Promise<readonly (StoredCommand | undefined)[]> {
  const rows = await queryRows<CommandColumns>(pool, COMMANDS, [
    binaryArray.text(keys.map(({ principalId }) => principalId)),
    binaryArray.text(keys.map(({ commandId }) => commandId)),
  ]);
  const byKey = Map.groupBy(rows, ({ ord }) => Number(ord) - 1);
  return keys.map((_, index) => toCommand(byKey.get(index) ?? []));
}

function toCommand(rows: readonly CommandColumns[]): StoredCommand | undefined {
  const [first] = rows;
  if (!first) return undefined;
  return { requestDigest: first.request_digest, result: first.result, recorded: rows.flatMap(toRecorded) };
}

function toRecorded(row: CommandColumns): RecordedEvent[] {
  if (row.position === null) return [];
  return [
    {
      eventId: row.event_id,
      type: row.type,
      streamId: row.stream_id,
      sequence: BigInt(row.sequence),
      position: BigInt(row.position),
      recordDigest: row.record_digest,
    },
  ];
}
