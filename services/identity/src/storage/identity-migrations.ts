import type { MigrationClass } from '@countersign/event-log';
import { organisationListMigrations } from '../organisation-list/organisation-list-migrations.js';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of identity's own beside its log: who stands behind a pseudonym, which assertions are used up, and its read model. */
export function identityMigrations(appRole: string): readonly MigrationClass[] {
  const role = quoted(appRole);

  class CreateIdentity implements MigrationInterface {
    readonly name = 'CreateIdentity1763800000100';

    async up(runner: QueryRunner): Promise<void> {
      await runner.query('CREATE SCHEMA identity');
      await runner.query(`CREATE TABLE identity.pseudonym (
        principal_id text NOT NULL,
        appointment_id text NOT NULL,
        log_origin text NOT NULL,
        pseudonym text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (principal_id, appointment_id, log_origin)
      )`);
      await runner.query(`CREATE TABLE identity.used_assertion (
        principal_id text NOT NULL,
        assertion_id text NOT NULL,
        kept_until timestamptz NOT NULL,
        PRIMARY KEY (principal_id, assertion_id)
      )`);
      await runner.query('CREATE INDEX used_assertion_kept_until ON identity.used_assertion (kept_until)');
      await runner.query('REVOKE ALL ON ALL TABLES IN SCHEMA identity FROM PUBLIC');
      await runner.query(`GRANT USAGE ON SCHEMA identity TO ${role}`);
      await runner.query(`GRANT SELECT, INSERT ON identity.pseudonym TO ${role}`);
      await runner.query(`GRANT SELECT, INSERT, DELETE ON identity.used_assertion TO ${role}`);
    }

    /** Without pseudonyms nobody knows any more who did what. */
    down(): Promise<void> {
      return Promise.reject(new Error('pseudonyms cannot be dropped by a migration'));
    }
  }
  return [CreateIdentity, ...organisationListMigrations(appRole)];
}

/** The database of unit keys. The app role adds and reads keys; it destroys them through a function and changes nothing else. */
export function unitKeyMigrations(appRole: string): readonly MigrationClass[] {
  const role = quoted(appRole);

  class CreateUnitKeys implements MigrationInterface {
    readonly name = 'CreateUnitKeys1763800000200';

    async up(runner: QueryRunner): Promise<void> {
      for (const statement of [...UNIT_KEY_TABLES, DESTROY_FUNCTION]) await runner.query(statement);
      await runner.query('REVOKE ALL ON ALL TABLES IN SCHEMA unit_keys FROM PUBLIC');
      await runner.query('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA unit_keys FROM PUBLIC');
      await runner.query(`GRANT USAGE ON SCHEMA unit_keys TO ${role}`);
      await runner.query(`GRANT SELECT, INSERT ON unit_keys.unit_key, unit_keys.master_key TO ${role}`);
      await runner.query(`GRANT EXECUTE ON FUNCTION unit_keys.destroy(bytea[]) TO ${role}`);
    }

    down(): Promise<void> {
      return Promise.reject(new Error('unit keys cannot be dropped by a migration'));
    }
  }

  class KeepWhoDrew implements MigrationInterface {
    readonly name = 'KeepWhoDrew1763800000201';

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`ALTER TABLE unit_keys.unit_key ADD COLUMN drawn_by text NOT NULL DEFAULT ''`);
    }

    down(): Promise<void> {
      return Promise.reject(new Error('unit keys cannot be dropped by a migration'));
    }
  }
  return [CreateUnitKeys, KeepWhoDrew];
}

const UNIT_KEY_TABLES = [
  'CREATE SCHEMA unit_keys',
  // One row: keys wrapped under two master keys in one store would be half lost with either.
  `CREATE TABLE unit_keys.master_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32)
  )`,
  // A destroyed key keeps its row without content, so that its id stays taken and nobody takes it for unknown.
  `CREATE TABLE unit_keys.unit_key (
    key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 16),
    wrapped bytea CHECK (octet_length(wrapped) BETWEEN 45 AND 256),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
  )`,
  // Not even the owner gives a destroyed key a content again, changes one or forgets one.
  `CREATE FUNCTION unit_keys.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $refuse$
  BEGIN
    IF TG_OP = 'UPDATE' AND NEW.key_id = OLD.key_id AND OLD.wrapped IS NOT NULL AND NEW.wrapped IS NULL THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'unit keys are destroyed, never changed' USING ERRCODE = 'insufficient_privilege';
  END
  $refuse$`,
  `CREATE TRIGGER unit_key_kept BEFORE UPDATE OR DELETE ON unit_keys.unit_key
    FOR EACH ROW EXECUTE FUNCTION unit_keys.refuse_change()`,
  `CREATE TRIGGER unit_keys_kept BEFORE TRUNCATE ON unit_keys.unit_key
    FOR EACH STATEMENT EXECUTE FUNCTION unit_keys.refuse_change()`,
  'ALTER TABLE unit_keys.unit_key ENABLE ALWAYS TRIGGER unit_key_kept',
  'ALTER TABLE unit_keys.unit_key ENABLE ALWAYS TRIGGER unit_keys_kept',
];

const DESTROY_FUNCTION = `CREATE FUNCTION unit_keys.destroy(p_key_ids bytea[]) RETURNS int4
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $destroy$
  WITH destroyed AS (
    UPDATE unit_keys.unit_key SET wrapped = NULL, destroyed_at = clock_timestamp()
    WHERE key_id = ANY(p_key_ids) AND wrapped IS NOT NULL
    RETURNING 1
  )
  SELECT count(*)::int4 FROM destroyed
$destroy$`;

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
