/**
 * Tables of a witness. All are append-only but the row of a log, whose size only rises; the process's own role reads everything and
 * writes through functions only.
 */
export const WITNESS_SCHEMA = [
  `CREATE SCHEMA witness`,
  `COMMENT ON SCHEMA witness IS 'What this witness vouched for. Restoring an older state of it makes the witness lie: give it a new key instead.'`,

  // One row a log. Its lock makes one of several processes win.
  `CREATE TABLE witness.log (
    origin text PRIMARY KEY,
    size int8 NOT NULL CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32)
  ) WITH (fillfactor = 50)`,

  // One root for a log and size, for ever.
  `CREATE TABLE witness.checkpoint (
    origin text NOT NULL REFERENCES witness.log,
    size int8 NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    persisted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (origin, size)
  )`,

  // Two signed checkpoints that cannot both be true: evidence against their signer.
  `CREATE TABLE witness.fork (
    fork_no int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    proof text NOT NULL,
    detected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (origin, digest)
  )`,
];

const DEFINER = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/** The commit point: compare-and-swap of the head, with its checkpoint. False: the head is another one, or would not grow. */
const ADVANCE = `CREATE FUNCTION witness.advance(
    p_origin text, p_from_size int8, p_from_root bytea, p_size int8, p_root bytea, p_note text) RETURNS boolean
  LANGUAGE plpgsql ${DEFINER} AS $f$
  BEGIN
    INSERT INTO witness.log (origin, size, root) VALUES (p_origin, 0, sha256(''::bytea)) ON CONFLICT DO NOTHING;
    UPDATE witness.log SET size = p_size, root = p_root
      WHERE origin = p_origin AND size = p_from_size AND root = p_from_root AND p_size > p_from_size;
    IF NOT FOUND THEN RETURN false; END IF;
    INSERT INTO witness.checkpoint (origin, size, root, note) VALUES (p_origin, p_size, p_root, p_note);
    RETURN true;
  END $f$`;

/** One at a time, so that the limit holds. */
const KEEP_FORK = `CREATE FUNCTION witness.keep_fork(p_origin text, p_digest bytea, p_proof text, p_limit int8) RETURNS boolean
  LANGUAGE plpgsql ${DEFINER} AS $f$
  BEGIN
    LOCK TABLE witness.fork IN SHARE ROW EXCLUSIVE MODE;
    IF (SELECT count(*) FROM witness.fork WHERE origin = p_origin) >= p_limit THEN RETURN false; END IF;
    INSERT INTO witness.fork (origin, digest, proof) VALUES (p_origin, p_digest, p_proof) ON CONFLICT DO NOTHING;
    RETURN FOUND;
  END $f$`;

const REFUSE_CHANGE = `CREATE FUNCTION witness.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
  BEGIN
    RAISE EXCEPTION 'what a witness remembers only grows' USING ERRCODE = 'insufficient_privilege';
  END $f$`;

/** Not even the owner takes something back by mistake; ENABLE ALWAYS holds under session_replication_role = replica too. */
const TRIGGERS = [
  ...['checkpoint', 'fork'].flatMap((table) => [
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON witness.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION witness.refuse_change()`,
    `ALTER TABLE witness.${table} ENABLE ALWAYS TRIGGER append_only`,
  ]),
  `CREATE TRIGGER never_less BEFORE DELETE OR TRUNCATE ON witness.log FOR EACH STATEMENT EXECUTE FUNCTION witness.refuse_change()`,
  `ALTER TABLE witness.log ENABLE ALWAYS TRIGGER never_less`,
  `CREATE TRIGGER only_rises BEFORE UPDATE ON witness.log FOR EACH ROW WHEN (NEW.size <= OLD.size OR NEW.origin <> OLD.origin)
    EXECUTE FUNCTION witness.refuse_change()`,
  `ALTER TABLE witness.log ENABLE ALWAYS TRIGGER only_rises`,
];

export const WITNESS_FUNCTIONS = [ADVANCE, KEEP_FORK, REFUSE_CHANGE, ...TRIGGERS];
