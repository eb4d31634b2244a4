import { isMalformed, mergedKeys, mergedReaders, REFUSE_MALFORMED, SESSION_CHECKS, STRONGER_LINK_WINS } from './append-rules.js';

/**
 * The append of a lone command with one event: the same lock, the same decisions in the same order and the same rows, without
 * arrays. Half of what the general form costs a lone caller is taking arrays apart, and a service is idle more often than busy.
 * All forms pass the same suites. Answers with the code and, where it appended, the position.
 *
 * Links are arrays as above, null if there are none; p_readers and p_keys are null where the command adds none.
 */
export const APPEND_ONE = `
CREATE FUNCTION event_log.append_one(
  p_principal text, p_command text, p_digest bytea, p_result text,
  g_stream text, g_expected int8, g_digest bytea, g_readers text, g_keys text,
  e_id uuid, e_type text, e_header bytea, e_entry bytea, e_disclosures bytea,
  l_kind text[], l_value text[], l_role text[]
) RETURNS int8[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
AS $append$
DECLARE
  head int8;
  known bytea;
  number int8;
  reached int8;
BEGIN
  ${SESSION_CHECKS}

  SELECT h.size INTO STRICT head FROM event_log.log_head h FOR UPDATE;

  SELECT k.request_digest INTO known FROM event_log.command k WHERE k.command_id = p_command AND k.principal_id = p_principal;
  IF FOUND THEN
    RETURN ARRAY[CASE WHEN known = p_digest THEN 1 ELSE 2 END];
  END IF;
  SELECT h.stream_no, h.next_sequence INTO number, reached FROM event_log.stream h WHERE h.stream_id = g_stream;
  IF coalesce(reached, 0) <> g_expected THEN
    RETURN ARRAY[3];
  END IF;

  IF ${isMalformed({ position: 'head', stream: 'g_stream', header: 'e_header', entry: 'e_entry', disclosures: 'e_disclosures' })}
    OR octet_length(p_digest) <> 32 OR octet_length(g_digest) <> 32 THEN
    ${REFUSE_MALFORMED}
  END IF;

  IF number IS NULL THEN
    number := head;
    INSERT INTO event_log.stream (stream_no, next_sequence, stream_id, last_digest, readers, unit_keys)
    VALUES (number, 1, g_stream, g_digest, coalesce(g_readers, '{}')::text[], coalesce(g_keys, '{}')::jsonb);
    IF l_value IS NOT NULL THEN
      INSERT INTO event_log.stream_link (stream_no, kind, value, role)
      SELECT number, unnest(l_kind), unnest(l_value), unnest(l_role);
    END IF;
  ELSE
    UPDATE event_log.stream h
    SET next_sequence = g_expected + 1, last_digest = g_digest,
      readers = ${mergedReaders('g_readers')}, unit_keys = ${mergedKeys('g_keys')}
    WHERE h.stream_id = g_stream;
    IF l_value IS NOT NULL THEN
      INSERT INTO event_log.stream_link AS l (stream_no, kind, value, role)
      SELECT number, unnest(l_kind), unnest(l_value), unnest(l_role)
      ${STRONGER_LINK_WINS};
    END IF;
  END IF;

  WITH event AS (
    INSERT INTO event_log.event (position, stream_no, sequence, event_id, stream_id, type, header, entry, disclosures)
    VALUES (head, number, g_expected, e_id, g_stream, e_type, e_header, e_entry, e_disclosures)
  ), command AS (
    INSERT INTO event_log.command (first_position, event_count, principal_id, command_id, request_digest, result)
    VALUES (head, 1, p_principal, p_command, p_digest, p_result)
  )
  UPDATE event_log.log_head SET size = head + 1;
  PERFORM pg_notify('event_log', (head + 1)::text);
  RETURN ARRAY[0, head]; -- commit point 1, as above
END
$append$`;
