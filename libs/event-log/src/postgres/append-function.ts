/** What `event_log.append` says about a command; the numbers are its wire form. */
export const APPEND_CODES = ['appended', 'duplicate', 'reused', 'conflict', 'consumed', 'gap', 'poisoned'] as const;

/**
 * The append. One call settles a whole batch of commands in one transaction:
 *
 * 1. It takes the lock of the single `log_head` row before it reads anything else. Every statement after that sees all that
 *    earlier holders committed (READ COMMITTED: a statement's snapshot is taken when it starts), so what it decides still holds
 *    when it writes, positions follow commit order, and a crash or a refusal leaves no gap.
 * 2. Each command is decided on its own: duplicate, reused, out of turn in the inbox, version conflict, or appended.
 * 3. The survivors' rows are written by set. If the database refuses a row, the sub-block's effects are undone and the range is
 *    halved, until the one poisoned command is alone; its neighbours are stored.
 *
 * Decisions by set are right only while no command of the batch writes a stream that another one reads or writes; a batch that
 * breaks this is settled one by one. Whatever is unique (command, event, inbox message) shows up as a refused row and is found
 * by the halving: decided again, alone, after its rival is written.
 *
 * Arrays are columns: p_* and i_* one element per command (i_* null without an inbox message), the others one per row, with the
 * 1-based number of the command they belong to, in ascending order.
 */
export const APPEND_FUNCTION = `
CREATE FUNCTION event_log.append(
  p_principal text[], p_command text[], p_digest bytea[], p_result text[], p_events int4[],
  i_source text[], i_event text[], i_subject text[], i_sequence int8[],
  g_command int4[], g_stream text[], g_expected int8[], g_next int8[], g_digest bytea[],
  e_command int4[], e_stream text[], e_sequence int8[], e_id uuid[], e_type text[], e_header bytea[], e_entry bytea[], e_disclosures bytea[],
  r_command int4[], r_stream text[], r_organisation text[],
  l_command int4[], l_stream text[], l_kind text[], l_value text[], l_role text[],
  k_command int4[], k_stream text[], k_group text[], k_id bytea[],
  OUT first_position int8, OUT outcomes int4[], OUT details text[]
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET jit = off
AS $append$
DECLARE
  total CONSTANT int4 := cardinality(p_principal);
  head int8;
  lo int4 := 1;
  hi int4;
  one_by_one boolean;
  decided int4[];
  named text[];
  written int8;
  state text;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'event_log.append needs READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
  END IF;

  SELECT h.size INTO STRICT head FROM event_log.log_head h FOR UPDATE;
  first_position := head;
  outcomes := ARRAY[]::int4[];
  details := ARRAY[]::text[];

  one_by_one := EXISTS (
    SELECT FROM unnest(g_stream, g_expected, g_next) AS g(stream, expected, next)
    GROUP BY g.stream HAVING count(*) > 1 AND bool_or(g.next > g.expected)
  );
  hi := CASE WHEN one_by_one THEN 1 ELSE total END;

  WHILE lo <= total LOOP
    BEGIN
      SELECT array_agg(d.outcome ORDER BY d.ord), array_agg(d.stream ORDER BY d.ord) INTO decided, named
      FROM (
        SELECT c.ord, x.stream,
          CASE
            WHEN k.request_digest = c.digest THEN 1
            WHEN k.request_digest IS NOT NULL THEN 2
            WHEN i.event_id IS NOT NULL OR c.sequence <= s.last_sequence THEN 4
            WHEN c.sequence > coalesce(s.last_sequence, -1) + 1 THEN 5
            WHEN x.stream IS NOT NULL THEN 3
            ELSE 0
          END AS outcome
        FROM unnest(p_principal, p_command, p_digest, i_source, i_event, i_subject, i_sequence)
          WITH ORDINALITY AS c(principal, command, digest, source, event, subject, sequence, ord)
        LEFT JOIN event_log.command k ON k.principal_id = c.principal AND k.command_id = c.command
        LEFT JOIN event_log.inbox i ON i.source = c.source AND i.event_id = c.event
        LEFT JOIN event_log.inbox_subject s ON s.source = c.source AND s.subject = c.subject
        LEFT JOIN (
          SELECT g.command, min(g.stream) AS stream
          FROM unnest(g_command, g_stream, g_expected) AS g(command, stream, expected)
          LEFT JOIN event_log.stream h ON h.stream_id = g.stream
          WHERE coalesce(h.next_sequence, 0) <> g.expected
          GROUP BY g.command
        ) x ON x.command = c.ord
        WHERE c.ord BETWEEN lo AND hi
      ) d;

      INSERT INTO event_log.event (position, stream_id, sequence, event_id, type, header, entry, disclosures)
      SELECT head - 1 + row_number() OVER (ORDER BY e.ord), e.stream, e.sequence, e.id, e.type, e.header, e.entry, e.disclosures
      FROM unnest(e_command, e_stream, e_sequence, e_id, e_type, e_header, e_entry, e_disclosures)
        WITH ORDINALITY AS e(command, stream, sequence, id, type, header, entry, disclosures, ord)
      WHERE e.command BETWEEN lo AND hi AND decided[e.command - lo + 1] = 0;
      GET DIAGNOSTICS written = ROW_COUNT;

      INSERT INTO event_log.command (principal_id, command_id, request_digest, result, first_position, event_count)
      SELECT c.principal, c.command, c.digest, c.result,
        head + sum(c.events) OVER (ORDER BY c.ord) - c.events, c.events
      FROM unnest(p_principal, p_command, p_digest, p_result, p_events)
        WITH ORDINALITY AS c(principal, command, digest, result, events, ord)
      WHERE c.ord BETWEEN lo AND hi AND decided[c.ord::int4 - lo + 1] = 0;

      INSERT INTO event_log.stream AS h (stream_id, next_sequence, last_digest)
      SELECT g.stream, g.next, g.digest
      FROM unnest(g_command, g_stream, g_expected, g_next, g_digest) AS g(command, stream, expected, next, digest)
      WHERE g.command BETWEEN lo AND hi AND g.next > g.expected AND decided[g.command - lo + 1] = 0
      ON CONFLICT (stream_id) DO UPDATE SET next_sequence = EXCLUDED.next_sequence, last_digest = EXCLUDED.last_digest;

      IF cardinality(r_command) > 0 THEN
        INSERT INTO event_log.stream_reader (stream_id, organisation_id)
        SELECT r.stream, r.organisation
        FROM unnest(r_command, r_stream, r_organisation) AS r(command, stream, organisation)
        WHERE r.command BETWEEN lo AND hi AND decided[r.command - lo + 1] = 0
        ON CONFLICT DO NOTHING;
      END IF;

      IF cardinality(l_command) > 0 THEN
        INSERT INTO event_log.stream_link AS l (stream_id, kind, value, role)
        SELECT n.stream, n.kind, n.value, n.role
        FROM unnest(l_command, l_stream, l_kind, l_value, l_role) AS n(command, stream, kind, value, role)
        WHERE n.command BETWEEN lo AND hi AND decided[n.command - lo + 1] = 0
        ON CONFLICT (stream_id, kind, value) DO UPDATE SET role = EXCLUDED.role
          WHERE l.role = 'mentions' AND EXCLUDED.role = 'identifies';
      END IF;

      IF cardinality(k_command) > 0 THEN
        INSERT INTO event_log.unit_key_use (stream_id, release_group, key_id)
        SELECT u.stream, u.release_group, u.id
        FROM unnest(k_command, k_stream, k_group, k_id) AS u(command, stream, release_group, id)
        WHERE u.command BETWEEN lo AND hi AND decided[u.command - lo + 1] = 0;
      END IF;

      IF cardinality(array_remove(i_source, NULL)) > 0 THEN
        INSERT INTO event_log.inbox (source, event_id, subject, sequence)
        SELECT c.source, c.event, c.subject, c.sequence
        FROM unnest(i_source, i_event, i_subject, i_sequence) WITH ORDINALITY AS c(source, event, subject, sequence, ord)
        WHERE c.source IS NOT NULL AND c.ord BETWEEN lo AND hi AND decided[c.ord::int4 - lo + 1] = 0;
        INSERT INTO event_log.inbox_subject AS s (source, subject, last_sequence)
        SELECT c.source, c.subject, c.sequence
        FROM unnest(i_source, i_subject, i_sequence) WITH ORDINALITY AS c(source, subject, sequence, ord)
        WHERE c.source IS NOT NULL AND c.ord BETWEEN lo AND hi AND decided[c.ord::int4 - lo + 1] = 0
        ON CONFLICT (source, subject) DO UPDATE SET last_sequence = greatest(s.last_sequence, EXCLUDED.last_sequence);
      END IF;

      -- Only what follows the last statement that may fail: variables are not undone with the sub-block.
      head := head + written;
      outcomes := outcomes || decided;
      details := details || named;
      lo := hi + 1;
      hi := CASE WHEN one_by_one THEN lo ELSE total END;
    EXCEPTION
      -- The row is at fault. Everything else (disk full, cancelled, out of memory) fails the batch as a whole.
      WHEN data_exception OR integrity_constraint_violation OR cardinality_violation OR program_limit_exceeded THEN
        IF hi > lo THEN
          hi := lo + (hi - lo) / 2;
        ELSE
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE; -- never the message: it quotes values
          outcomes := outcomes || 6;
          details := details || state;
          lo := lo + 1;
          hi := CASE WHEN one_by_one THEN lo ELSE total END;
        END IF;
    END;
  END LOOP;

  IF head > first_position THEN
    UPDATE event_log.log_head SET size = head;
    PERFORM pg_notify('event_log', head::text); -- one a batch: every notifying commit takes a cluster-wide lock
  END IF;
  -- Commit point 1 is the commit of the statement that called this: from then on every survivor is durable. A crash before it
  -- leaves nothing.
END
$append$`;
