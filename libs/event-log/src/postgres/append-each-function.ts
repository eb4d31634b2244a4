import { isMalformed, mergedKeys, mergedReaders, REFUSE_MALFORMED, SESSION_CHECKS, STRONGER_LINK_WINS } from './append-rules.js';

/**
 * The append of many commands of the usual kind, each with one event at the end of the one stream it opened, and nothing else but
 * natural keys: the same lock, decisions and rows as the general form, in half the arrays and statements, because a row of each array
 * belongs to the command of the same number. Most batches under load are of this kind.
 *
 * No two commands that settle here share a stream: both would write it, and of those only one has the version it expects; two that
 * expect the same are refused by the stream's or the event's key, as is an id that stands twice, and the halves go again.
 *
 * l_command holds 1-based numbers of commands, ascending; all l_* are null if there are no natural keys.
 */
export const APPEND_EACH = `
CREATE FUNCTION event_log.append_each(
  p_principal text[], p_command text[], p_digest bytea[], p_result text[],
  g_stream text[], g_expected int8[], g_digest bytea[], g_readers text[], g_keys text[],
  e_id uuid[], e_type text[], e_header bytea[], e_entry bytea[], e_disclosures bytea[],
  l_command int4[], l_kind text[], l_value text[], l_role text[],
  OUT first_position int8, OUT outcomes int4[]
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $append$
DECLARE
  total CONSTANT int4 := cardinality(p_principal);
  head int8;
  numbers int8[]; -- per command: its stream's number; -1 if there is no such stream
  known int4;     -- commands whose stream exists
  malformed int4;
  starts int8[];  -- per command: position of its event; -1 if it is not appended
BEGIN
  ${SESSION_CHECKS}

  SELECT h.size INTO STRICT head FROM event_log.log_head h FOR UPDATE;
  first_position := head;

  SELECT
    array_agg(
      CASE WHEN k.request_digest = c.digest THEN 1 WHEN k.request_digest IS NOT NULL THEN 2
        WHEN coalesce(h.next_sequence, 0) <> c.expected THEN 3 ELSE 0 END ORDER BY c.ord),
    array_agg(coalesce(h.stream_no, -1) ORDER BY c.ord),
    count(h.stream_no)
  INTO outcomes, numbers, known
  FROM (
    SELECT generate_series(1, total) AS ord, unnest(p_principal) AS principal, unnest(p_command) AS command, unnest(p_digest) AS digest,
      unnest(g_stream) AS stream, unnest(g_expected) AS expected
  ) c
  LEFT JOIN LATERAL (SELECT * FROM event_log.command m WHERE m.command_id = c.command AND m.principal_id = c.principal LIMIT 1) k ON true
  LEFT JOIN LATERAL (SELECT * FROM event_log.stream t WHERE t.stream_id = c.stream LIMIT 1) h ON true;

  SELECT count(*) INTO malformed
  FROM (
    SELECT unnest(p_digest) AS digest, unnest(g_stream) AS stream, unnest(g_digest) AS last,
      unnest(e_header) AS header, unnest(e_entry) AS entry, unnest(e_disclosures) AS disclosures
  ) c
  WHERE octet_length(c.digest) <> 32 OR octet_length(c.last) <> 32
    OR ${isMalformed({ position: 'head', stream: 'c.stream', header: 'c.header', entry: 'c.entry', disclosures: 'c.disclosures' })};
  IF malformed > 0 THEN
    ${REFUSE_MALFORMED}
  END IF;

  starts := array_fill(-1::int8, ARRAY[total]);
  FOR c IN 1 .. total LOOP
    IF outcomes[c] = 0 THEN
      starts[c] := head;
      head := head + 1;
    END IF;
  END LOOP;
  IF head = first_position THEN
    RETURN;
  END IF;

  INSERT INTO event_log.event (position, stream_no, sequence, event_id, stream_id, type, header, entry, disclosures)
  SELECT e.position, CASE WHEN e.number >= 0 THEN e.number ELSE e.position END, e.sequence, e.id, e.stream, e.type, e.header, e.entry, e.disclosures
  FROM (
    SELECT unnest(starts) AS position, unnest(numbers) AS number, unnest(g_expected) AS sequence, unnest(e_id) AS id, unnest(g_stream) AS stream,
      unnest(e_type) AS type, unnest(e_header) AS header, unnest(e_entry) AS entry, unnest(e_disclosures) AS disclosures
  ) e
  WHERE e.position >= 0;

  INSERT INTO event_log.command (first_position, event_count, principal_id, command_id, request_digest, result)
  SELECT c.position, 1, c.principal, c.command, c.digest, c.result
  FROM (
    SELECT unnest(starts) AS position, unnest(p_principal) AS principal, unnest(p_command) AS command, unnest(p_digest) AS digest, unnest(p_result) AS result
  ) c
  WHERE c.position >= 0;

  IF known < total THEN
    INSERT INTO event_log.stream (stream_no, next_sequence, stream_id, last_digest, readers, unit_keys)
    SELECT g.position, 1, g.stream, g.digest, coalesce(g.readers, '{}')::text[], coalesce(g.keys, '{}')::jsonb
    FROM (
      SELECT unnest(starts) AS position, unnest(numbers) AS number, unnest(g_stream) AS stream, unnest(g_digest) AS digest, unnest(g_readers) AS readers, unnest(g_keys) AS keys
    ) g
    WHERE g.position >= 0 AND g.number = -1;
  END IF;
  IF known > 0 THEN
    UPDATE event_log.stream h
    SET next_sequence = g.expected + 1, last_digest = g.digest, readers = ${mergedReaders('g.readers')}, unit_keys = ${mergedKeys('g.keys')}
    FROM (
      SELECT unnest(starts) AS position, unnest(numbers) AS number, unnest(g_stream) AS stream, unnest(g_expected) AS expected, unnest(g_digest) AS digest,
        unnest(g_readers) AS readers, unnest(g_keys) AS keys
    ) g
    WHERE h.stream_id = g.stream AND g.position >= 0 AND g.number >= 0;
  END IF;

  IF l_command IS NOT NULL THEN
    IF known < total THEN
      -- A stream that begins has no natural keys yet: looking for conflicts would cost half as much again.
      INSERT INTO event_log.stream_link (stream_no, kind, value, role)
      SELECT starts[n.command], n.kind, n.value, n.role
      FROM (SELECT unnest(l_command) AS command, unnest(l_kind) AS kind, unnest(l_value) AS value, unnest(l_role) AS role) n
      WHERE starts[n.command] >= 0 AND numbers[n.command] = -1;
    END IF;
    IF known > 0 THEN
      INSERT INTO event_log.stream_link AS l (stream_no, kind, value, role)
      SELECT numbers[n.command], n.kind, n.value, n.role
      FROM (SELECT unnest(l_command) AS command, unnest(l_kind) AS kind, unnest(l_value) AS value, unnest(l_role) AS role) n
      WHERE starts[n.command] >= 0 AND numbers[n.command] >= 0
      ${STRONGER_LINK_WINS};
    END IF;
  END IF;

  UPDATE event_log.log_head SET size = head;
  PERFORM pg_notify('event_log', head::text); -- commit point 1, as in the general form
END
$append$`;
