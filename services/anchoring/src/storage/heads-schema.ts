const DEFINER = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/** Base size of a heads entry: version(1) ‖ base size(8) ‖ base root(32) ‖ map root(32). */
const BASE_SIZE = `('x' || encode(substring(p_entry FROM 2 FOR 8), 'hex'))::bit(64)::int8`;

/**
 * Item heads. Entries and back references are append-only. Pages of the map are versions by the index of the heads entry that they
 * belong to; those that no entry of the last ones needs are removed when their successor is replaced.
 */
const TABLES = [
  `CREATE TABLE anchoring.heads_entry (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    index int8 NOT NULL CHECK (index >= 0),
    entry bytea NOT NULL CHECK (octet_length(entry) = 73),
    base_size int8 NOT NULL CHECK (base_size > 0),
    PRIMARY KEY (log_no, index),
    UNIQUE (log_no, base_size)
  )`,

  // Eight bytes for each entry of the base log: the position of its item's entry before it, or -1. Every index grows at one edge.
  `CREATE TABLE anchoring.item_link (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    first_position int8 NOT NULL CHECK (first_position >= 0),
    previous bytea NOT NULL CHECK (octet_length(previous) > 0 AND octet_length(previous) % 8 = 0),
    PRIMARY KEY (log_no, first_position)
  )`,
  `ALTER TABLE anchoring.item_link ALTER COLUMN previous SET STORAGE EXTERNAL`,

  `CREATE TABLE anchoring.map_page (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    name text COLLATE "C" NOT NULL CHECK (name ~ '^[0-9a-f]{0,63}$'),
    version int8 NOT NULL CHECK (version >= 0),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 4 AND 1284),
    PRIMARY KEY (log_no, name, version)
  )`,
  `ALTER TABLE anchoring.map_page ALTER COLUMN content SET STORAGE PLAIN`,
];

/** Commit point 4. The row of the heads log is locked first, so every statement below sees all of earlier calls. */
const APPEND_HEADS = `CREATE FUNCTION anchoring.append_heads(
    p_log int2, p_base int2, p_index int8, p_entry bytea, p_root bytea, p_note text,
    p_levels int2[], p_indexes int8[], p_hashes bytea[],
    p_first int8, p_previous bytea, p_names text[], p_contents bytea[], p_versions_kept int8) RETURNS boolean
  LANGUAGE plpgsql ${DEFINER} AS $f$
  DECLARE
    mapped int8;
    up_to int8 := ${BASE_SIZE};
  BEGIN
    UPDATE anchoring.log SET received = p_index + 1 WHERE log_no = p_log AND size = p_index AND received = p_index;
    IF NOT FOUND THEN RETURN false; END IF;
    mapped := coalesce((SELECT h.base_size FROM anchoring.heads_entry h WHERE h.log_no = p_log AND h.index = p_index - 1), 0);
    IF p_first <> mapped OR up_to <= mapped OR octet_length(p_previous) <> 8 * (up_to - mapped) THEN
      RAISE EXCEPTION 'the map does not go on where it ended' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM anchoring.checkpoint c
        WHERE c.log_no = p_base AND c.size = up_to AND c.root = substring(p_entry FROM 10 FOR 32)) THEN
      RAISE EXCEPTION 'the entry is about no checkpoint that is stored' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO anchoring.heads_entry (log_no, index, entry, base_size) VALUES (p_log, p_index, p_entry, up_to);
    INSERT INTO anchoring.item_link (log_no, first_position, previous) VALUES (p_base, p_first, p_previous);
    INSERT INTO anchoring.map_page (log_no, name, version, content)
      SELECT p_base, n.name, p_index, n.content FROM unnest(p_names, p_contents) AS n (name, content);
    DELETE FROM anchoring.map_page p USING unnest(p_names) AS n (name)
      WHERE p.log_no = p_base AND p.name = n.name AND p.version < (
        SELECT max(q.version) FROM anchoring.map_page q
          WHERE q.log_no = p_base AND q.name = n.name AND q.version <= p_index - p_versions_kept);
    IF NOT anchoring.advance_head(p_log, p_index, p_index + 1, p_root, p_note, p_levels, p_indexes, p_hashes) THEN
      RAISE EXCEPTION 'the heads log is of another size' USING ERRCODE = 'check_violation';
    END IF;
    RETURN true;
  END $f$`;

/** Follows back references; a wrong one ends in entries that the item's chain contradicts, never in a loop. */
const ITEM_POSITIONS = `CREATE FUNCTION anchoring.item_positions(p_log int2, p_last int8, p_count int8) RETURNS int8[]
  LANGUAGE plpgsql STABLE ${DEFINER} AS $f$
  DECLARE
    found int8[] := ARRAY[]::int8[];
    position int8 := p_last;
  BEGIN
    WHILE position >= 0 AND cardinality(found) < p_count LOOP
      found := found || position;
      SELECT ('x' || encode(substring(l.previous FROM ((position - l.first_position) * 8 + 1)::int4 FOR 8), 'hex'))::bit(64)::int8
        INTO position FROM anchoring.item_link l WHERE l.log_no = p_log AND l.first_position <= position
        ORDER BY l.first_position DESC LIMIT 1;
      EXIT WHEN position IS NULL;
    END LOOP;
    RETURN found;
  END $f$`;

const TRIGGERS = [
  ...['heads_entry', 'item_link'].flatMap((table) => [
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON anchoring.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION anchoring.refuse_change()`,
    `ALTER TABLE anchoring.${table} ENABLE ALWAYS TRIGGER append_only`,
  ]),
  `CREATE TRIGGER never_other BEFORE UPDATE OR TRUNCATE ON anchoring.map_page
    FOR EACH STATEMENT EXECUTE FUNCTION anchoring.refuse_change()`,
  `ALTER TABLE anchoring.map_page ENABLE ALWAYS TRIGGER never_other`,
];

/** What item heads add to the schema; `role` is the quoted name of the service's role. */
export function headsSchema(role: string): string[] {
  const functions = 'anchoring.append_heads, anchoring.item_positions';
  return [
    ...TABLES,
    APPEND_HEADS,
    ITEM_POSITIONS,
    ...TRIGGERS,
    `REVOKE ALL ON anchoring.heads_entry, anchoring.item_link, anchoring.map_page FROM PUBLIC`,
    `GRANT SELECT ON anchoring.heads_entry, anchoring.item_link, anchoring.map_page TO ${role}`,
    `REVOKE ALL ON FUNCTION ${functions} FROM PUBLIC`,
    `GRANT EXECUTE ON FUNCTION ${functions} TO ${role}`,
  ];
}
