/**
 * The relay's cursor and its fence. A relay leads while it holds the lease; every take-over raises the epoch, and a cursor moves
 * only under the current epoch and a live lease. So a relay that was suspended past its lease cannot move it (the clock is the
 * database's). What it still publishes is a repeat, which consumers drop.
 */
export const RELAY_FUNCTIONS = [
  `
CREATE FUNCTION event_log.relay_lead(p_name text, p_holder uuid, p_lease_ms int4,
  OUT leads boolean, OUT epoch int8, OUT "position" int8, OUT log_size int8)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $relay$
DECLARE
  cursor_row event_log.relay_cursor%ROWTYPE;
BEGIN
  INSERT INTO event_log.relay_cursor (name) VALUES (p_name) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT cursor_row FROM event_log.relay_cursor c WHERE c.name = p_name FOR UPDATE;
  leads := cursor_row.lease_until <= clock_timestamp() OR cursor_row.holder = p_holder;
  epoch := cursor_row.epoch;
  IF leads THEN
    IF cursor_row.lease_until <= clock_timestamp() THEN
      epoch := epoch + 1;
    END IF;
    UPDATE event_log.relay_cursor c
    SET holder = p_holder, epoch = relay_lead.epoch, lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE c.name = p_name;
  END IF;
  "position" := cursor_row."position";
  SELECT h.size INTO STRICT log_size FROM event_log.log_head h;
END
$relay$`,
  `
CREATE FUNCTION event_log.relay_advance(p_name text, p_epoch int8, p_position int8, p_lease_ms int4) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $relay$
  -- Nobody waits for the disk: a crash that takes the last moves back has their rows published again, which it may anyway. The
  -- fence does not rest on them, for a take-over is committed as everything else.
  SELECT set_config('synchronous_commit', 'off', true);
  WITH moved AS (
    UPDATE event_log.relay_cursor c
    SET "position" = p_position, lease_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE c.name = p_name AND c.epoch = p_epoch AND c.lease_until > clock_timestamp()
      AND p_position BETWEEN c."position" AND (SELECT h.size FROM event_log.log_head h)
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM moved)
$relay$`,
  `
CREATE FUNCTION event_log.relay_release(p_name text, p_epoch int8) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $relay$
  UPDATE event_log.relay_cursor c SET lease_until = '-infinity' WHERE c.name = p_name AND c.epoch = p_epoch
$relay$`,
];
