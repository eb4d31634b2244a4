/** The tables of a log. Only `projection` may be written by the service itself; the rest changes through functions. */
export const TABLES = [
  `CREATE SCHEMA event_log`,
  `COMMENT ON SCHEMA event_log IS 'The append-only event log: what is here is evidence. Change it through its functions only.'`,

  // One row. Its lock orders all appends, so that position order is commit order.
  `CREATE TABLE event_log.log_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    size int8 NOT NULL
  )`,
  `INSERT INTO event_log.log_head (size) VALUES (0)`,

  // The outbox too: the relay publishes these bytes as they are. Positions and streams' numbers only rise, so all its indexes grow at
  // their right edge: an append touches the same few pages in a log of ten thousand events and of ten million.
  `CREATE TABLE event_log.event (
    position int8 PRIMARY KEY,
    stream_no int8 NOT NULL,
    sequence int8 NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event_id uuid NOT NULL,
    stream_id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    header bytea NOT NULL,
    entry bytea NOT NULL,
    disclosures bytea NOT NULL,
    UNIQUE (stream_no, sequence)
  )`,
  // Ciphertext does not shrink, and headers are small: PostgreSQL need not try.
  `ALTER TABLE event_log.event ALTER header SET STORAGE EXTERNAL, ALTER entry SET STORAGE EXTERNAL, ALTER disclosures SET STORAGE EXTERNAL`,

  // A stream is numbered by the position of its first event. Who may read it, and which unit key serves which of its release
  // groups (ids only: keys never stand beside events, formats §3) are few values that rarely change after its beginning.
  `CREATE TABLE event_log.stream (
    stream_no int8 NOT NULL,
    next_sequence int8 NOT NULL,
    stream_id text COLLATE "C" PRIMARY KEY,
    last_digest bytea NOT NULL,
    readers text[] COLLATE "C" NOT NULL,
    unit_keys jsonb NOT NULL
  ) WITH (fillfactor = 80)`,

  // Idempotency: what was asked (as keyed digest), what was answered, which positions it took. The command id comes first in the
  // key: ids that begin with the time (UUIDv7) keep the index's hot part small, whoever sends them.
  `CREATE TABLE event_log.command (
    first_position int8 NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event_count int4 NOT NULL,
    principal_id text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    request_digest bytea NOT NULL,
    result text NOT NULL,
    PRIMARY KEY (command_id, principal_id)
  )`,

  // Messages whose effect is recorded, and how far each subject has come.
  `CREATE TABLE event_log.inbox (
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    sequence int8 NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, event_id)
  )`,
  `CREATE TABLE event_log.inbox_subject (
    source text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    last_sequence int8 NOT NULL CHECK (last_sequence >= 0),
    PRIMARY KEY (source, subject)
  ) WITH (fillfactor = 80)`,

  // Natural keys that streams name.
  `CREATE TABLE event_log.stream_link (
    stream_no int8 NOT NULL,
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    PRIMARY KEY (value, kind, stream_no)
  )`,
  `CREATE INDEX stream_link_stream ON event_log.stream_link (stream_no)`,

  `CREATE TABLE event_log.relay_cursor (
    name text PRIMARY KEY,
    "position" int8 NOT NULL DEFAULT 0 CHECK ("position" >= 0),
    epoch int8 NOT NULL DEFAULT 0,
    holder uuid,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
  ) WITH (fillfactor = 50)`,

  `CREATE TABLE event_log.projection (
    name text PRIMARY KEY,
    "position" int8 NOT NULL DEFAULT 0 CHECK ("position" >= 0)
  ) WITH (fillfactor = 50)`,

  // Not even the owner changes an event; ENABLE ALWAYS holds under session_replication_role = replica too.
  `CREATE FUNCTION event_log.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $refuse$
  BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'insufficient_privilege';
  END
  $refuse$`,
  `CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_log.event
    FOR EACH STATEMENT EXECUTE FUNCTION event_log.refuse_change()`,
  `ALTER TABLE event_log.event ENABLE ALWAYS TRIGGER event_append_only`,
];
