/** SQLSTATE of a refused binding, of a class that PostgreSQL does not use. */
export const EQUIVOCATION_STATE = 'CSEQV';

const DEFINER = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/** Makes a log known, or checks that it is the one that is. The number of a log and its registration never change. */
const OPEN_LOG = `CREATE FUNCTION anchoring.open_log(p_log int2, p_log_id bytea, p_origin text, p_registration bytea) RETURNS boolean
  LANGUAGE plpgsql ${DEFINER} AS $f$
  BEGIN
    INSERT INTO anchoring.log (log_no, log_id, origin, registration) VALUES (p_log, p_log_id, p_origin, p_registration)
      ON CONFLICT DO NOTHING;
    RETURN EXISTS (SELECT FROM anchoring.log WHERE log_no = p_log AND log_id = p_log_id AND registration = p_registration);
  END $f$`;

/**
 * Stores what is new of consecutive entries, after comparing what is not. The log's row is locked first, so every statement
 * below sees all entries of earlier calls.
 */
const RECEIVE_LEAVES = `CREATE FUNCTION anchoring.receive_leaves(
    p_log int2, p_first int8, p_count int4, p_entries bytea, p_signature bytea,
    OUT outcome text, OUT received int8, OUT conflict_at int8)
  LANGUAGE plpgsql ${DEFINER} AS $f$
  DECLARE
    is_frozen boolean;
    known int8;
  BEGIN
    SELECT l.received, l.frozen INTO STRICT received, is_frozen FROM anchoring.log l WHERE l.log_no = p_log FOR UPDATE;
    IF is_frozen THEN outcome := 'frozen'; RETURN; END IF;
    IF p_first > received THEN outcome := 'gap'; RETURN; END IF;
    known := least(received - p_first, p_count);
    SELECT min(e.position) INTO conflict_at FROM anchoring.entry e
      WHERE e.log_no = p_log AND e.position >= p_first AND e.position < p_first + known
        AND e.entry <> substring(p_entries FROM ((e.position - p_first) * 105 + 1)::int4 FOR 105);
    IF conflict_at IS NOT NULL THEN
      INSERT INTO anchoring.conflict (log_no, position, stored_entry, message)
        SELECT p_log, conflict_at, e.entry,
            '\\x01'::bytea || l.log_id || int8send(p_first) || int4send(p_count) || p_entries || p_signature
          FROM anchoring.entry e JOIN anchoring.log l USING (log_no) WHERE e.log_no = p_log AND e.position = conflict_at;
      UPDATE anchoring.log l SET frozen = true WHERE l.log_no = p_log;
      outcome := 'conflict';
      RETURN;
    END IF;
    IF known = p_count THEN outcome := 'repeated'; RETURN; END IF;
    INSERT INTO anchoring.entry (log_no, position, entry)
      SELECT p_log, p_first + i, substring(p_entries FROM i * 105 + 1 FOR 105) FROM generate_series(known::int4, p_count - 1) AS i;
    INSERT INTO anchoring.leaves_message (log_no, first_position, entry_count, signature, first_new_position)
      VALUES (p_log, p_first, p_count, p_signature, received);
    received := p_first + p_count;
    UPDATE anchoring.log l SET received = receive_leaves.received WHERE l.log_no = p_log;
    outcome := 'stored';
  END $f$`;

/** Several messages in one transaction; each has its own outcome. What one stored, the next one sees. */
const RECEIVE_MESSAGES = `CREATE FUNCTION anchoring.receive_messages(
    p_log int2, p_firsts int8[], p_counts int4[], p_entries bytea[], p_signatures bytea[])
  RETURNS TABLE (outcome text, received int8, conflict_at int8) LANGUAGE plpgsql ${DEFINER} AS $f$
  BEGIN
    FOR i IN 1 .. cardinality(p_firsts) LOOP
      SELECT r.outcome, r.received, r.conflict_at INTO outcome, received, conflict_at
        FROM anchoring.receive_leaves(p_log, p_firsts[i], p_counts[i], p_entries[i], p_signatures[i]) r;
      RETURN NEXT;
    END LOOP;
  END $f$`;

/** Commit point 2: compare-and-swap of the head, with its tiles and its checkpoint. False: the head is of another size. */
const ADVANCE_HEAD = `CREATE FUNCTION anchoring.advance_head(
    p_log int2, p_from int8, p_size int8, p_root bytea, p_note text, p_levels int2[], p_indexes int8[], p_hashes bytea[]) RETURNS boolean
  LANGUAGE plpgsql ${DEFINER} AS $f$
  DECLARE
    written int4;
  BEGIN
    UPDATE anchoring.log SET size = p_size WHERE log_no = p_log AND size = p_from AND p_size > p_from;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO anchoring.tile AS t (log_no, level, index, hashes)
      SELECT p_log, n.level, n.index, n.hashes FROM unnest(p_levels, p_indexes, p_hashes) AS n (level, index, hashes)
      ON CONFLICT (log_no, level, index) DO UPDATE SET hashes = excluded.hashes
        WHERE octet_length(excluded.hashes) >= octet_length(t.hashes)
          AND substring(excluded.hashes FROM 1 FOR octet_length(t.hashes)) = t.hashes;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(p_levels) THEN
      RAISE EXCEPTION 'a tile does not begin with what is stored' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO anchoring.checkpoint (log_no, size, root, note) VALUES (p_log, p_size, p_root, p_note);
    RETURN true;
  END $f$`;

/** Binds heads and keeps the signed transaction; fails as a whole if another root is bound to a log and size. */
const RECORD_BROADCAST = `CREATE FUNCTION anchoring.record_broadcast(
    p_log_ids bytea[], p_sizes int8[], p_roots bytea[], p_transaction bytea, p_raw bytea, p_nonce int8) RETURNS void
  LANGUAGE plpgsql ${DEFINER} AS $f$
  DECLARE
    number int8;
  BEGIN
    -- A row that another session is binding is waited for; the comparison afterwards is a statement of its own and sees it.
    INSERT INTO anchoring.bound_head (log_id, size, root)
      SELECT h.log_id, h.size, h.root FROM unnest(p_log_ids, p_sizes, p_roots) AS h (log_id, size, root)
      ON CONFLICT DO NOTHING;
    IF EXISTS (
      SELECT FROM unnest(p_log_ids, p_sizes, p_roots) AS h (log_id, size, root)
        JOIN anchoring.bound_head b USING (log_id, size) WHERE b.root <> h.root
    ) THEN
      RAISE EXCEPTION 'another root is bound' USING ERRCODE = '${EQUIVOCATION_STATE}';
    END IF;
    INSERT INTO anchoring.broadcast (transaction, raw, nonce) VALUES (p_transaction, p_raw, p_nonce)
      RETURNING broadcast_no INTO number;
    INSERT INTO anchoring.broadcast_head (broadcast_no, log_id, size)
      SELECT number, h.log_id, h.size FROM unnest(p_log_ids, p_sizes) AS h (log_id, size);
  END $f$`;

/** Notes a head that was read from the chain's state; the first note of a head stays. */
const CONFIRM_HEAD = `CREATE FUNCTION anchoring.confirm_head(
    p_log_id bytea, p_size int8, p_root bytea, p_height int8, p_block_time text, p_chain text, p_finality text, p_transaction bytea)
  RETURNS void LANGUAGE sql ${DEFINER} AS $f$
    INSERT INTO anchoring.confirmed_head (log_id, size, root, height, block_time, chain, finality, transaction)
      VALUES (p_log_id, p_size, p_root, p_height, p_block_time, p_chain, p_finality, p_transaction)
      ON CONFLICT (log_id, size) WHERE rewound_at IS NULL DO NOTHING;
  $f$`;

/** Notes that the chain has heads no longer. */
const REWIND_HEADS = `CREATE FUNCTION anchoring.rewind_heads(p_log_id bytea, p_sizes int8[]) RETURNS void
  LANGUAGE sql ${DEFINER} AS $f$
    UPDATE anchoring.confirmed_head SET rewound_at = clock_timestamp()
      WHERE log_id = p_log_id AND size = ANY (p_sizes) AND rewound_at IS NULL;
  $f$`;

const REWIND_OTHER_CHAINS = `CREATE FUNCTION anchoring.rewind_other_chains(p_chain text) RETURNS void
  LANGUAGE sql ${DEFINER} AS $f$
    UPDATE anchoring.confirmed_head SET rewound_at = clock_timestamp() WHERE chain <> p_chain AND rewound_at IS NULL;
  $f$`;

export const FUNCTIONS = [
  OPEN_LOG,
  RECEIVE_LEAVES,
  RECEIVE_MESSAGES,
  ADVANCE_HEAD,
  RECORD_BROADCAST,
  CONFIRM_HEAD,
  REWIND_HEADS,
  REWIND_OTHER_CHAINS,
];
