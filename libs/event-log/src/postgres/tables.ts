/** The tables of a log. Only `projection` may be written by the service itself; the rest changes through functions. */
export const TABLES = [
  `CREATE SCHEMA event_log`,
  `COMMENT ON SCHEMA event_log IS 'The append-only event log: what is here is evidence. Change it through its functions only.'`,

  // One row. Its lock orders all appends, so that position order is commit order.
  `CREATE TABLE event_log.log_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    size int8 NOT NULL CHECK (size >= 0)
  )`,
  `INSERT INTO event_log.log_head (size) VALUES (0)`,

  // The outbox too: the relay publishes these bytes as they are.
  `CREATE TABLE event_log.event (
    position int8 PRIMARY KEY CHECK (position >= 0),
    stream_id text NOT NULL,
    sequence int8 NOT NULL CHECK (sequence >= 0),
    event_id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    header bytea NOT NULL CHECK (octet_length(header) BETWEEN 2 AND 61440),
    entry bytea NOT NULL CHECK (octet_length(entry) = 105),
    disclosures bytea NOT NULL CHECK (octet_length(disclosures) <= 524288),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (stream_id, sequence),
    CONSTRAINT log_opened_first CHECK (position > 0 OR (stream_id LIKE 'log/%' AND sequence = 0))
  )`,

  `CREATE TABLE event_log.stream (
    stream_id text PRIMARY KEY,
    next_sequence int8 NOT NULL CHECK (next_sequence > 0),
    last_digest bytea NOT NULL CHECK (octet_length(last_digest) = 32)
  ) WITH (fillfactor = 80)`,

  // Idempotency: what was asked (as keyed digest), what was answered, which positions it took.
  `CREATE TABLE event_log.command (
    principal_id text NOT NULL,
    command_id text NOT NULL,
    request_digest bytea NOT NULL CHECK (octet_length(request_digest) = 32),
    result text NOT NULL,
    first_position int8 NOT NULL,
    event_count int4 NOT NULL CHECK (event_count >= 0),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal_id, command_id)
  )`,

  // Messages whose effect is recorded, and how far each subject has come.
  `CREATE TABLE event_log.inbox (
    source text NOT NULL,
    event_id text NOT NULL,
    subject text NOT NULL,
    sequence int8 NOT NULL CHECK (sequence >= 0),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, event_id)
  )`,
  `CREATE TABLE event_log.inbox_subject (
    source text NOT NULL,
    subject text NOT NULL,
    last_sequence int8 NOT NULL CHECK (last_sequence >= 0),
    PRIMARY KEY (source, subject)
  ) WITH (fillfactor = 80)`,

  // Which unit key serves which release group of a stream. Ids only: keys never stand beside events (formats §3).
  `CREATE TABLE event_log.unit_key_use (
    stream_id text NOT NULL,
    release_group text NOT NULL,
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 16),
    PRIMARY KEY (stream_id, release_group)
  )`,

  `CREATE TABLE event_log.stream_link (
    stream_id text NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    role text NOT NULL CHECK (role IN ('identifies', 'mentions')),
    PRIMARY KEY (stream_id, kind, value)
  )`,
  `CREATE INDEX stream_link_value ON event_log.stream_link (kind, value)`,

  `CREATE TABLE event_log.stream_reader (
    stream_id text NOT NULL,
    organisation_id text NOT NULL,
    PRIMARY KEY (stream_id, organisation_id)
  )`,

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
