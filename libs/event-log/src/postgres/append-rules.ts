/** What `event_log.append` says about a command; the numbers are its wire form. */
export const APPEND_CODES = ['appended', 'duplicate', 'reused', 'conflict', 'consumed', 'gap'] as const;

/** Who calls, and how. Names below are looked up where the caller says. */
export const SESSION_CHECKS = `-- Names below are looked up where the caller says. The session says it once; setting it here would cost as much as two inserts.
  IF pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.<>) 'pg_catalog, pg_temp' THEN
    RAISE EXCEPTION 'event_log.append needs search_path = pg_catalog, pg_temp' USING ERRCODE = 'invalid_schema_name';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'event_log.append needs READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
  END IF;`;

/** @param added literal of a text[], or null */
export const mergedReaders = (added: string): string =>
  `CASE WHEN ${added} IS NULL THEN h.readers ELSE ARRAY(SELECT DISTINCT r FROM unnest(h.readers || ${added}::text[]) r ORDER BY r) END`;

/**
 * Null, hence refused, where a release group has a key: it must not be bound to another.
 *
 * @param added literal of a jsonb, or null
 */
export const mergedKeys = (added: string): string =>
  `CASE WHEN ${added} IS NULL THEN h.unit_keys
      WHEN NOT h.unit_keys ?| ARRAY(SELECT jsonb_object_keys(${added}::jsonb)) THEN h.unit_keys || ${added}::jsonb END`;

/** What identifies is never weakened to a mention. */
export const STRONGER_LINK_WINS = `ON CONFLICT (value, kind, stream_no) DO UPDATE SET role = EXCLUDED.role
      WHERE l.role = 'mentions' AND EXCLUDED.role = 'identifies'`;

/** What no record of a log can be (limits: `RECORD_LIMITS` and the broker's message size). Position 0 is `LogOpened`. */
export const isMalformed = (column: Record<'position' | 'stream' | 'header' | 'entry' | 'disclosures', string>): string =>
  `octet_length(${column.header}) NOT BETWEEN 2 AND 61440 OR octet_length(${column.entry}) <> 105
      OR octet_length(${column.disclosures}) > 524288 OR (${column.position} = 0 AND ${column.stream} NOT LIKE 'log/%')`;

export const REFUSE_MALFORMED = `RAISE EXCEPTION 'a row that no record gives' USING ERRCODE = 'check_violation';`;
