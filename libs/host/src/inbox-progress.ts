import type { InboxEntry } from '@countersign/event-log';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';

/** What became of a message that has no effect on the log. */
export type Passage = 'passed' | 'recorded-before' | 'gap';

/** Moves subjects forward past messages that a service ignores, or takes into a read model instead of its log. */
export interface InboxProgress {
  /**
   * One passage an entry, in the same order. Entries of one subject MUST stand in sequence order. Durable when it resolves; inside a
   * transaction, when that commits.
   */
  pass(entries: readonly Pick<InboxEntry, 'source' | 'subject' | 'sequence'>[]): Promise<readonly Passage[]>;
}

const PASSAGES: readonly Passage[] = ['passed', 'recorded-before', 'gap'];

/** @param manager of a data source (its own transaction) or of a transaction that is under way */
export function inboxProgress(manager: Pick<EntityManager, 'query'>): InboxProgress {
  return {
    pass: async (entries) => {
      if (entries.length === 0) return [];
      const columns = [
        entries.map(({ source }) => source),
        entries.map(({ subject }) => subject),
        entries.map(({ sequence }) => String(sequence)),
      ];
      const rows: readonly { readonly passages: readonly number[] }[] = await manager.query(
        'SELECT event_log.pass_messages($1, $2, $3) AS passages',
        columns,
      );
      return entries.map((_, index) => PASSAGES[rows[0]?.passages[index] ?? -1] ?? 'gap');
    },
  };
}

/**
 * The append function moves a subject forward together with an effect; this one does so without. The two never meet on one message:
 * a type is either recorded or passed. The row's lock orders rivals, and only the very next sequence is ever accepted.
 */
const PASS_FUNCTION = `
CREATE FUNCTION event_log.pass_messages(p_source text[], p_subject text[], p_sequence int8[]) RETURNS int4[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $pass$
DECLARE
  passages int4[] := '{}';
  reached int8;
BEGIN
  FOR i IN 1 .. cardinality(p_source) LOOP
    SELECT s.last_sequence INTO reached FROM event_log.inbox_subject s
    WHERE s.source = p_source[i] AND s.subject = p_subject[i] FOR UPDATE;
    reached := coalesce(reached, -1);
    IF p_sequence[i] <= reached THEN
      passages := passages || 1;
      CONTINUE;
    ELSIF p_sequence[i] > reached + 1 THEN
      passages := passages || 2;
      CONTINUE;
    END IF;
    INSERT INTO event_log.inbox_subject AS s (source, subject, last_sequence)
    VALUES (p_source[i], p_subject[i], p_sequence[i])
    ON CONFLICT (source, subject) DO UPDATE SET last_sequence = EXCLUDED.last_sequence
      WHERE s.last_sequence = EXCLUDED.last_sequence - 1;
    -- Not found: a rival inserted the subject's first row meanwhile. The message comes again and finds out.
    passages := passages || CASE WHEN FOUND THEN 0 ELSE 2 END;
  END LOOP;
  RETURN passages;
END
$pass$`;

/** Runs after the event log's own migrations. */
export function inboxMigrations({ appRole }: { readonly appRole: string }): readonly (new () => MigrationInterface)[] {
  const role = `"${appRole.replaceAll('"', '""')}"`;

  class PassMessages implements MigrationInterface {
    readonly name = 'PassMessages1763800000040';

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(PASS_FUNCTION);
      await runner.query('REVOKE ALL ON FUNCTION event_log.pass_messages(text[], text[], int8[]) FROM PUBLIC');
      await runner.query(`GRANT EXECUTE ON FUNCTION event_log.pass_messages(text[], text[], int8[]) TO ${role}`);
    }

    async down(runner: QueryRunner): Promise<void> {
      await runner.query('DROP FUNCTION event_log.pass_messages(text[], text[], int8[])');
    }
  }
  return [PassMessages];
}
