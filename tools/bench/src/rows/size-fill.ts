import { createMemoryIdentity } from '@countersign/event-log';
import { buildRecord } from '@countersign/record';
import { createSecretKey, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { BenchDatabase } from '../variant.js';
import { REQUISITION, requisitionKey, requisitionLine } from '../workload/requisition.js';

const EVENTS_PER_STREAM = 4;
const ACTIVITIES = Array.from(
  { length: 200 },
  (_, index) => `W${(10_000 + index * 317).toString(36).toUpperCase().padStart(5, '0')}`,
);

/**
 * Fills an empty log as its owner, far faster than appends could: rows of the sizes, key spaces and orders that appends leave
 * (time-ordered event ids, streams that take turns), although nobody sealed them. What is measured afterwards goes through the append.
 *
 * This is the one place of the bench that knows the log's tables.
 */
export async function fillLog(database: BenchDatabase, events: number): Promise<void> {
  const record = sampleRecord();
  const streams = Math.ceil(events / EVENTS_PER_STREAM);
  const header = record.header
    .toString()
    .replace(record.eventId, '%id')
    .replace(/"subject":"[^"]*"/, '"subject":"%stream"')
    .replace(/"sequence":"[0-9]*"/, '"sequence":"%sequence"');
  const event = run(database, FILL_EVENTS, [ACTIVITIES, events - 1, streams, header, record.envelope, REQUISITION.category]);
  const others = [FILL_COMMANDS, FILL_STREAMS, FILL_LINKS].reduce(
    (before, statement) => before.then(() => run(database, statement.text, statement.values(events - 1, streams))),
    Promise.resolve(),
  );
  await Promise.all([event, others]);
  await run(database, 'UPDATE event_log.log_head SET size = $1', [events]);
  // Statistics and visibility as autovacuum would have left them; the bench's server has it switched off.
  for (const table of TABLES) await run(database, `VACUUM (ANALYZE) event_log.${table}`, []);
}

const TABLES = ['event', 'command', 'stream', 'stream_link'];

/** Stream number `s`, from the number of a row; seven digits of serial, where measured streams have six. */
const STREAM = `$1 || '/' || (($2::text[])[s * 7919 % 200 + 1]) || '6' || lpad((1 + s * 31 % 365)::text, 3, '0')
  || upper(lpad(to_hex(s), 7, '0')) || '/2026'`;

const FILL_EVENTS = `
  INSERT INTO event_log.event (position, stream_no, stream_id, sequence, event_id, type, header, entry, disclosures)
  SELECT i, stream_no, stream, sequence, id::uuid, 'countersign.bench.LineRequested.v1',
    convert_to(replace(replace(replace($4, '%id', id), '%stream', stream), '%sequence', lpad(sequence::text, 20, '0')), 'UTF8'),
    '\\x01'::bytea || sha256(stream::bytea) || int8send(sequence) || sha256(id::bytea) || sha256(stream::bytea), $5::bytea
  FROM (
    SELECT i, CASE WHEN i = 0 THEN 0 ELSE s + 1 END AS stream_no, sequence, CASE WHEN i = 0 THEN 'log/bench' ELSE ${STREAM.replace('$1', '$6').replace('$2', '$1')} END AS stream,
      overlay(overlay(lpad(to_hex(1790000000000 + i / 8), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15)
        placing '-' from 9 for 0) placing '-' from 14 for 0) AS id
    FROM (SELECT i, CASE WHEN i = 0 THEN 0 ELSE (i - 1) / $3 END AS sequence, (i - 1) % $3 AS s FROM generate_series(0::int8, $2::int8) AS i) n
  ) e ORDER BY i`;

interface Statement {
  readonly text: string;
  readonly values: (events: number, streams: number) => readonly unknown[];
}

/** Over all streams; `stream` is the name. */
function perStream(text: string): Statement {
  return {
    text: text.replace('%streams', `(SELECT ${STREAM} AS stream, s FROM generate_series(0::int8, $3::int8 - 1) AS s) n`),
    values: (_, streams) => [REQUISITION.category, ACTIVITIES, streams],
  };
}

const FILL_COMMANDS: Statement = {
  text: `INSERT INTO event_log.command (principal_id, command_id, request_digest, result, first_position, event_count)
    SELECT 'principal-of-clerk', md5(i::text), sha256(i::text::bytea), 'null', i, 1 FROM generate_series(1::int8, $1::int8) AS i`,
  values: (events) => [events],
};
/** A stream's number is the position of its first event. */
const FILL_STREAMS = perStream(
  `INSERT INTO event_log.stream (stream_no, next_sequence, stream_id, last_digest, readers, unit_keys)
   SELECT s + 1, ${EVENTS_PER_STREAM}, stream, sha256(stream::bytea), '{depot}', jsonb_build_object('commercial', md5(s::text)) FROM %streams`,
);
const FILL_LINKS = perStream(
  `INSERT INTO event_log.stream_link (stream_no, kind, value, role)
   SELECT s + 1, k.kind, k.value, k.role FROM %streams,
     LATERAL (VALUES ('document-number', split_part(stream, '/', 2), 'identifies'), ('nsn', lpad((s * 104729 % 40000)::text, 13, '2'), 'mentions')) AS k(kind, value, role)`,
);

async function run({ ownerUrl }: BenchDatabase, text: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

function sampleRecord(): { readonly eventId: string; readonly header: Buffer; readonly envelope: Buffer } {
  const { origin, itemKeys } = createMemoryIdentity();
  const streamId = `${REQUISITION.category}/${requisitionKey(1)}`;
  const record = buildRecord({
    origin,
    schema: REQUISITION.schemas.LineRequested,
    eventData: { ...requisitionLine(1) },
    streamId,
    sequence: 0n,
    eventTime: '2026-11-20T10:00:00-05:00',
    recordedTime: '2026-11-20T15:00:01.123Z',
    actor: 'pseudonym-of-clerk',
    actingFor: 'W25G1U',
    correlationId: 'correlation-1000000',
    label: 'UNCLASSIFIED',
    policy: 'bench',
    itemKey: itemKeys.itemKey(streamId),
    unitKeys: new Map([['commercial', { keyId: randomBytes(16), key: createSecretKey(randomBytes(32)) }]]),
  });
  return { ...record, envelope: Buffer.concat(record.disclosures.map(({ envelope }) => envelope)) };
}
