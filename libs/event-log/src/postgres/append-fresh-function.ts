import { isMalformed, REFUSE_MALFORMED, SESSION_CHECKS } from './append-rules.js';

/**
 * The append of many commands that each begin a stream with one event, as documents do. Nothing is looked up: a stream that is there
 * already, or a command that was recorded, is refused by its key (23505) with the whole batch, and the caller sends it again through
 * `append_each`, which decides command by command. So all are appended, at consecutive positions from the one that is returned.
 *
 * Rows of arrays belong to the command of the same number, as there. The update of the head takes its lock, before anything else.
 */
export const APPEND_FRESH = `
CREATE FUNCTION event_log.append_fresh(
  p_principal text[], p_command text[], p_digest bytea[], p_result text[],
  g_stream text[], g_digest bytea[], g_readers text[], g_keys text[],
  e_id uuid[], e_type text[], e_header bytea[], e_entry bytea[], e_disclosures bytea[],
  l_command int4[], l_kind text[], l_value text[], l_role text[]
) RETURNS int8
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $append$
DECLARE
  total CONSTANT int4 := cardinality(p_principal);
  head int8;
  written int4;
BEGIN
  ${SESSION_CHECKS}

  UPDATE event_log.log_head h SET size = h.size + total RETURNING h.size - total INTO STRICT head;

  -- The checks of form stand where the rows are read anyway; a row that does not pass is missed afterwards.
  INSERT INTO event_log.event (position, stream_no, sequence, event_id, stream_id, type, header, entry, disclosures)
  SELECT head + e.at, head + e.at, 0, e.id, e.stream, e.type, e.header, e.entry, e.disclosures
  FROM (
    SELECT generate_series(0, total - 1) AS at, unnest(e_id) AS id, unnest(g_stream) AS stream, unnest(e_type) AS type,
      unnest(e_header) AS header, unnest(e_entry) AS entry, unnest(e_disclosures) AS disclosures
  ) e
  WHERE (${isMalformed({ position: 'head', stream: 'e.stream', header: 'e.header', entry: 'e.entry', disclosures: 'e.disclosures' })}) IS FALSE;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> total THEN
    ${REFUSE_MALFORMED}
  END IF;

  INSERT INTO event_log.command (first_position, event_count, principal_id, command_id, request_digest, result)
  SELECT head + c.at, 1, c.principal, c.command, c.digest, c.result
  FROM (
    SELECT generate_series(0, total - 1) AS at, unnest(p_principal) AS principal, unnest(p_command) AS command, unnest(p_digest) AS digest, unnest(p_result) AS result
  ) c
  WHERE octet_length(c.digest) = 32;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> total THEN
    ${REFUSE_MALFORMED}
  END IF;

  INSERT INTO event_log.stream (stream_no, next_sequence, stream_id, last_digest, readers, unit_keys)
  SELECT head + g.at, 1, g.stream, g.digest, coalesce(g.readers, '{}')::text[], coalesce(g.keys, '{}')::jsonb
  FROM (
    SELECT generate_series(0, total - 1) AS at, unnest(g_stream) AS stream, unnest(g_digest) AS digest, unnest(g_readers) AS readers, unnest(g_keys) AS keys
  ) g
  WHERE octet_length(g.digest) = 32;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> total THEN
    ${REFUSE_MALFORMED}
  END IF;

  IF l_command IS NOT NULL THEN
    -- A stream that begins has no natural keys yet: looking for conflicts would cost half as much again.
    INSERT INTO event_log.stream_link (stream_no, kind, value, role)
    SELECT head + n.command - 1, n.kind, n.value, n.role
    FROM (SELECT unnest(l_command) AS command, unnest(l_kind) AS kind, unnest(l_value) AS value, unnest(l_role) AS role) n;
  END IF;

  PERFORM pg_notify('event_log', (head + total)::text); -- commit point 1, as in the general form
  RETURN head;
END
$append$`;
