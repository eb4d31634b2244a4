/** Cosignatures of witnesses, beside the checkpoints that they are over: append-only, written through a function. */
export const COSIGNATURE_SCHEMA = [
  `CREATE TABLE anchoring.cosignature (
    cosignature_no int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    log_no int2 NOT NULL,
    size int8 NOT NULL,
    name text NOT NULL,
    key_id int8 NOT NULL,
    cosigned_at int8 NOT NULL,
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (log_no, size, name, key_id),
    FOREIGN KEY (log_no, size) REFERENCES anchoring.checkpoint
  )`,
  `CREATE INDEX cosignature_of_key ON anchoring.cosignature (log_no, name, key_id, size)`,

  `CREATE FUNCTION anchoring.add_cosignature(p_log int2, p_size int8, p_name text, p_key_id int8, p_time int8, p_line text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
      INSERT INTO anchoring.cosignature (log_no, size, name, key_id, cosigned_at, line)
        VALUES (p_log, p_size, p_name, p_key_id, p_time, p_line)
        ON CONFLICT (log_no, size, name, key_id) DO NOTHING;
    $f$`,

  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON anchoring.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION anchoring.refuse_change()`,
  `ALTER TABLE anchoring.cosignature ENABLE ALWAYS TRIGGER append_only`,
];

export function cosignatureGrantsTo(role: string): string[] {
  return [
    `REVOKE ALL ON anchoring.cosignature FROM PUBLIC`,
    `REVOKE ALL ON FUNCTION anchoring.add_cosignature FROM PUBLIC`,
    `GRANT SELECT ON anchoring.cosignature TO ${role}`,
    `GRANT EXECUTE ON FUNCTION anchoring.add_cosignature TO ${role}`,
  ];
}
