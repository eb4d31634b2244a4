/**
 * Tables of the anchoring service. Entries, checkpoints, bound heads and conflicts are append-only; tiles only grow; the service's
 * own role reads everything and writes through functions only.
 */
export const SCHEMA = [
  `CREATE SCHEMA anchoring`,
  `COMMENT ON SCHEMA anchoring IS 'Entries, trees and chain commits: what is here is evidence. Change it through its functions only.'`,

  // One row a log. Its lock orders the intake; received and size only rise.
  `CREATE TABLE anchoring.log (
    log_no int2 PRIMARY KEY,
    log_id bytea NOT NULL UNIQUE CHECK (octet_length(log_id) = 32),
    origin text NOT NULL UNIQUE,
    registration bytea NOT NULL,
    received int8 NOT NULL DEFAULT 0,
    size int8 NOT NULL DEFAULT 0,
    frozen boolean NOT NULL DEFAULT false,
    CHECK (size >= 0 AND received >= size)
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE anchoring.entry (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    position int8 NOT NULL CHECK (position >= 0),
    entry bytea NOT NULL CHECK (octet_length(entry) = 105),
    PRIMARY KEY (log_no, position)
  )`,

  // Which signature brought which entries: with the entries it makes up the source's signed statement again.
  `CREATE TABLE anchoring.leaves_message (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    first_position int8 NOT NULL,
    entry_count int4 NOT NULL CHECK (entry_count > 0),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    first_new_position int8 NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log_no, first_new_position)
  )`,

  // A signed message that contradicts what is stored: evidence against its signer.
  `CREATE TABLE anchoring.conflict (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    position int8 NOT NULL,
    stored_entry bytea NOT NULL,
    message bytea NOT NULL,
    detected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log_no, position)
  )`,

  `CREATE TABLE anchoring.checkpoint (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    size int8 NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log_no, size)
  )`,

  // C2SP tlog-tiles: up to 256 hashes; the rightmost tile of a level grows, all others are complete for ever.
  `CREATE TABLE anchoring.tile (
    log_no int2 NOT NULL REFERENCES anchoring.log,
    level int2 NOT NULL CHECK (level BETWEEN 0 AND 6),
    index int8 NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (log_no, level, index)
  ) WITH (fillfactor = 70)`,
  `ALTER TABLE anchoring.tile ALTER COLUMN hashes SET STORAGE EXTERNAL`,

  // The anti-equivocation memory: one root for a log and size, for ever.
  `CREATE TABLE anchoring.bound_head (
    log_id bytea NOT NULL REFERENCES anchoring.log (log_id),
    size int8 NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    bound_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (log_id, size)
  )`,
  `CREATE TABLE anchoring.broadcast (
    broadcast_no int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction bytea NOT NULL,
    raw bytea NOT NULL,
    nonce int8 NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE anchoring.broadcast_head (
    broadcast_no int8 NOT NULL REFERENCES anchoring.broadcast,
    log_id bytea NOT NULL,
    size int8 NOT NULL,
    PRIMARY KEY (broadcast_no, log_id),
    FOREIGN KEY (log_id, size) REFERENCES anchoring.bound_head
  )`,

  // What was read from the chain's state. A head that a rewind took back stays on record with the time of that.
  `CREATE TABLE anchoring.confirmed_head (
    confirmed_no int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    log_id bytea NOT NULL REFERENCES anchoring.log (log_id),
    size int8 NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    height int8 NOT NULL,
    block_time text NOT NULL,
    chain text NOT NULL,
    finality text NOT NULL,
    transaction bytea NOT NULL,
    confirmed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    rewound_at timestamptz
  )`,
  `CREATE UNIQUE INDEX confirmed_head_live ON anchoring.confirmed_head (log_id, size) WHERE rewound_at IS NULL`,
];

const REFUSE_CHANGE = `CREATE FUNCTION anchoring.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
  BEGIN
    RAISE EXCEPTION 'this table is append-only' USING ERRCODE = 'insufficient_privilege';
  END $f$`;

const APPEND_ONLY = ['entry', 'leaves_message', 'conflict', 'checkpoint', 'bound_head', 'broadcast', 'broadcast_head'];

/** Not even the owner changes evidence by mistake; ENABLE ALWAYS holds under session_replication_role = replica too. */
export const APPEND_ONLY_TRIGGERS = [
  REFUSE_CHANGE,
  ...APPEND_ONLY.flatMap((table) => [
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON anchoring.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION anchoring.refuse_change()`,
    `ALTER TABLE anchoring.${table} ENABLE ALWAYS TRIGGER append_only`,
  ]),
  ...['log', 'tile', 'confirmed_head'].flatMap((table) => [
    `CREATE TRIGGER never_less BEFORE DELETE OR TRUNCATE ON anchoring.${table}
      FOR EACH STATEMENT EXECUTE FUNCTION anchoring.refuse_change()`,
    `ALTER TABLE anchoring.${table} ENABLE ALWAYS TRIGGER never_less`,
  ]),
];
