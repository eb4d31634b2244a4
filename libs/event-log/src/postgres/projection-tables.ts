/**
 * Read models of a log. Nothing here is evidence: the service itself writes it, and all of it is made again from the log.
 * A read model's rows carry the generation they belong to; this table says which generation is the live one and how far each has come.
 */
export const PROJECTION_TABLES = [
  `DROP TABLE event_log.projection`,
  // A generation's number is never used again: whoever wakes up late finds no row to move.
  `CREATE TABLE event_log.projection (
    generation int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL CHECK (state IN ('live', 'building', 'comparing', 'dropping')),
    version int4 NOT NULL CHECK (version > 0),
    "position" int8 NOT NULL DEFAULT 0 CHECK ("position" >= 0),
    holder uuid,
    epoch int8 NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    failure text
  ) WITH (fillfactor = 50)`,
  `CREATE UNIQUE INDEX projection_live ON event_log.projection (name) WHERE state = 'live'`,
  `CREATE UNIQUE INDEX projection_beside ON event_log.projection (name) WHERE state IN ('building', 'comparing')`,
];

/** @param role the service's role, quoted */
export function projectionGrants(role: string): readonly string[] {
  return [
    `REVOKE ALL ON event_log.projection FROM PUBLIC`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON event_log.projection TO ${role}`,
  ];
}
