import { isMalformed, mergedKeys, mergedReaders, REFUSE_MALFORMED, SESSION_CHECKS, STRONGER_LINK_WINS } from './append-rules.js';

/**
 * The append. One call settles a whole batch of commands in one transaction:
 *
 * 1. It takes the lock of the single `log_head` row before it reads anything else. Every statement after that sees all that
 *    earlier holders committed (READ COMMITTED: a statement's snapshot is taken when it starts), so what it decides still holds
 *    when it writes, positions follow commit order, and a crash or a refusal leaves no gap.
 * 2. Each command is decided on its own: duplicate, reused, out of turn in the inbox, version conflict, or appended.
 * 3. The survivors' rows are written by set.
 *
 * Decisions by set are right only while no command of the batch stands in another one's way: one writes a stream that another
 * reads or writes, repeats its id, or follows it in the inbox. The writer sees to that; a batch that breaks it is refused as a
 * whole (classes 21 and 23), as is one with a row that the database does not take (22, 23, 54). Nothing is stored then, and the
 * caller sends its halves, so that in the end a poisoned command stands alone. In the usual case nobody pays for the unusual one.
 *
 * Arrays are columns: p_* and the others with one element per row, in ascending order of their command. g_command and i_command are
 * 1-based numbers of commands, e_guard and l_guard of guards; e_offset and g_first count events from the command's first (g_first:
 * where the guard's stream begins, which numbers a new stream). g_readers is the literal of a text[], g_keys of a jsonb; null where
 * a command adds none.
 *
 * `SELECT unnest(…), unnest(…)` takes its arrays in lockstep, row by row; `FROM unnest(…, …)` would keep all rows first.
 */
export const APPEND_BATCH = `
CREATE FUNCTION event_log.append(
  p_principal text[], p_command text[], p_digest bytea[], p_result text[], p_events int4[],
  g_command int4[], g_stream text[], g_expected int8[], g_next int8[], g_digest bytea[], g_first int4[], g_readers text[], g_keys text[],
  e_guard int4[], e_offset int4[], e_sequence int8[], e_id uuid[], e_stream text[], e_type text[], e_header bytea[], e_entry bytea[], e_disclosures bytea[],
  l_guard int4[], l_kind text[], l_value text[], l_role text[],
  i_command int4[], i_source text[], i_event text[], i_subject text[], i_sequence int8[],
  OUT first_position int8, OUT outcomes int4[], OUT details text[]
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $append$
DECLARE
  total CONSTANT int4 := cardinality(p_principal);
  head int8;
  numbers int8[]; -- per guard: its stream's number; -1 if there is no such stream
  known int4;     -- guards of streams that exist
  stale int4[];   -- guards that expected another version
  waiting int4[]; -- commands whose message is not in turn, and why
  why int4[];
  starts int8[];  -- per command: position of its first event; -1 if it is not appended
BEGIN
  ${SESSION_CHECKS}

  SELECT h.size INTO STRICT head FROM event_log.log_head h FOR UPDATE;
  first_position := head;
  details := array_fill(NULL::text, ARRAY[total]);

  IF total > 1 AND EXISTS (
    SELECT FROM (SELECT unnest(g_stream) AS stream, unnest(g_expected) AS expected, unnest(g_next) AS next, unnest(g_readers) AS readers) g
    GROUP BY g.stream HAVING count(*) > 1 AND bool_or(g.next > g.expected OR g.readers IS NOT NULL)
  ) THEN
    RAISE EXCEPTION 'commands of one batch share a stream' USING ERRCODE = 'cardinality_violation';
  END IF;

  SELECT array_agg(CASE WHEN k.request_digest IS NULL THEN 0 WHEN k.request_digest = c.digest THEN 1 ELSE 2 END ORDER BY c.ord)
  INTO outcomes
  FROM (SELECT generate_series(1, total) AS ord, unnest(p_principal) AS principal, unnest(p_command) AS command, unnest(p_digest) AS digest) c
  LEFT JOIN LATERAL (SELECT * FROM event_log.command m WHERE m.command_id = c.command AND m.principal_id = c.principal LIMIT 1) k ON true;

  IF i_command IS NOT NULL THEN
    SELECT array_agg(m.command), array_agg(m.code) INTO waiting, why
    FROM (
      SELECT n.command, CASE WHEN i.event_id IS NOT NULL OR n.sequence <= s.last_sequence THEN 4 ELSE 5 END AS code
      FROM (SELECT unnest(i_command) AS command, unnest(i_source) AS source, unnest(i_event) AS event, unnest(i_subject) AS subject, unnest(i_sequence) AS sequence) n
      LEFT JOIN LATERAL (SELECT * FROM event_log.inbox t WHERE t.source = n.source AND t.event_id = n.event LIMIT 1) i ON true
      LEFT JOIN LATERAL (SELECT * FROM event_log.inbox_subject t WHERE t.source = n.source AND t.subject = n.subject LIMIT 1) s ON true
      WHERE i.event_id IS NOT NULL OR n.sequence <> coalesce(s.last_sequence, -1) + 1
    ) m;
    FOR w IN 1 .. coalesce(cardinality(waiting), 0) LOOP
      IF outcomes[waiting[w]] = 0 THEN
        outcomes[waiting[w]] := why[w];
      END IF;
    END LOOP;
  END IF;

  SELECT array_agg(coalesce(h.stream_no, -1) ORDER BY g.ord), count(h.stream_no),
    array_agg(g.ord ORDER BY g.ord) FILTER (WHERE coalesce(h.next_sequence, 0) <> g.expected)
  INTO numbers, known, stale
  FROM (SELECT generate_series(1, cardinality(g_stream)) AS ord, unnest(g_stream) AS stream, unnest(g_expected) AS expected) g
  LEFT JOIN LATERAL (SELECT * FROM event_log.stream t WHERE t.stream_id = g.stream LIMIT 1) h ON true;
  FOR w IN 1 .. coalesce(cardinality(stale), 0) LOOP
    IF outcomes[g_command[stale[w]]] = 0 THEN
      outcomes[g_command[stale[w]]] := 3;
      details[g_command[stale[w]]] := g_stream[stale[w]];
    END IF;
  END LOOP;

  -- Checked here and not by the tables: only these functions write there, and a statement makes a table's constraints ready anew.
  IF EXISTS (
    SELECT FROM (SELECT unnest(e_stream) AS stream, unnest(e_header) AS header, unnest(e_entry) AS entry, unnest(e_disclosures) AS disclosures) e
    WHERE ${isMalformed({ position: 'head', stream: 'e.stream', header: 'e.header', entry: 'e.entry', disclosures: 'e.disclosures' })}
  ) OR EXISTS (SELECT FROM unnest(p_digest || g_digest) d WHERE octet_length(d) <> 32) THEN
    ${REFUSE_MALFORMED}
  END IF;

  starts := array_fill(-1::int8, ARRAY[total]);
  FOR c IN 1 .. total LOOP
    IF outcomes[c] = 0 THEN
      starts[c] := head;
      head := head + p_events[c];
    END IF;
  END LOOP;

  INSERT INTO event_log.event (position, stream_no, sequence, event_id, stream_id, type, header, entry, disclosures)
  SELECT starts[g_command[e.guard]] + e.at,
    CASE WHEN numbers[e.guard] >= 0 THEN numbers[e.guard] ELSE starts[g_command[e.guard]] + g_first[e.guard] END,
    e.sequence, e.id, e.stream, e.type, e.header, e.entry, e.disclosures
  FROM (
    SELECT unnest(e_guard) AS guard, unnest(e_offset) AS at, unnest(e_sequence) AS sequence, unnest(e_id) AS id, unnest(e_stream) AS stream,
      unnest(e_type) AS type, unnest(e_header) AS header, unnest(e_entry) AS entry, unnest(e_disclosures) AS disclosures
  ) e
  WHERE starts[g_command[e.guard]] >= 0;

  INSERT INTO event_log.command (first_position, event_count, principal_id, command_id, request_digest, result)
  SELECT starts[c.ord], c.events, c.principal, c.command, c.digest, c.result
  FROM (
    SELECT generate_series(1, total) AS ord, unnest(p_events) AS events, unnest(p_principal) AS principal, unnest(p_command) AS command,
      unnest(p_digest) AS digest, unnest(p_result) AS result
  ) c
  WHERE starts[c.ord] >= 0;

  INSERT INTO event_log.stream (stream_no, next_sequence, stream_id, last_digest, readers, unit_keys)
  SELECT starts[g.command] + g.first, g.next, g.stream, g.digest, coalesce(g.readers, '{}')::text[], coalesce(g.keys, '{}')::jsonb
  FROM (
    SELECT generate_series(1, cardinality(g_stream)) AS ord, unnest(g_command) AS command, unnest(g_stream) AS stream, unnest(g_next) AS next,
      unnest(g_digest) AS digest, unnest(g_first) AS first, unnest(g_readers) AS readers, unnest(g_keys) AS keys
  ) g
  WHERE numbers[g.ord] = -1 AND g.next > 0 AND starts[g.command] >= 0;

  IF known > 0 THEN
    UPDATE event_log.stream h
    SET next_sequence = g.next,
      last_digest = coalesce(g.digest, h.last_digest),
      readers = ${mergedReaders('g.readers')},
    unit_keys = ${mergedKeys('g.keys')}
  FROM (
      SELECT generate_series(1, cardinality(g_stream)) AS ord, unnest(g_command) AS command, unnest(g_stream) AS stream, unnest(g_expected) AS expected,
        unnest(g_next) AS next, unnest(g_digest) AS digest, unnest(g_readers) AS readers, unnest(g_keys) AS keys
    ) g
    WHERE h.stream_id = g.stream AND numbers[g.ord] >= 0 AND starts[g.command] >= 0
      AND (g.next > g.expected OR g.readers IS NOT NULL OR g.keys IS NOT NULL);
  END IF;

  IF l_guard IS NOT NULL THEN
    -- A stream that begins has no links yet: looking for conflicts would cost half as much again.
    INSERT INTO event_log.stream_link (stream_no, kind, value, role)
    SELECT starts[g_command[n.guard]] + g_first[n.guard], n.kind, n.value, n.role
    FROM (SELECT unnest(l_guard) AS guard, unnest(l_kind) AS kind, unnest(l_value) AS value, unnest(l_role) AS role) n
    WHERE numbers[n.guard] = -1 AND starts[g_command[n.guard]] >= 0;
    IF known > 0 THEN
      INSERT INTO event_log.stream_link AS l (stream_no, kind, value, role)
      SELECT numbers[n.guard], n.kind, n.value, n.role
      FROM (SELECT unnest(l_guard) AS guard, unnest(l_kind) AS kind, unnest(l_value) AS value, unnest(l_role) AS role) n
      WHERE numbers[n.guard] >= 0 AND starts[g_command[n.guard]] >= 0
      ${STRONGER_LINK_WINS};
    END IF;
  END IF;

  IF i_command IS NOT NULL THEN
    INSERT INTO event_log.inbox (source, event_id, subject, sequence)
    SELECT n.source, n.event, n.subject, n.sequence
    FROM (SELECT unnest(i_command) AS command, unnest(i_source) AS source, unnest(i_event) AS event, unnest(i_subject) AS subject, unnest(i_sequence) AS sequence) n
    WHERE starts[n.command] >= 0;
    INSERT INTO event_log.inbox_subject AS s (source, subject, last_sequence)
    SELECT n.source, n.subject, n.sequence
    FROM (SELECT unnest(i_command) AS command, unnest(i_source) AS source, unnest(i_subject) AS subject, unnest(i_sequence) AS sequence) n
    WHERE starts[n.command] >= 0
    ON CONFLICT (source, subject) DO UPDATE SET last_sequence = greatest(s.last_sequence, EXCLUDED.last_sequence);
  END IF;

  IF head > first_position THEN
    UPDATE event_log.log_head SET size = head;
    PERFORM pg_notify('event_log', head::text); -- one a batch: every notifying commit takes a cluster-wide lock
  END IF;
  -- Commit point 1 is the commit of the statement that called this: from then on every survivor is durable. A crash before it
  -- leaves nothing.
END
$append$`;
