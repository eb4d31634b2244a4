import type { DataSource } from 'typeorm';
import { LIMITS } from '../config.js';

/** Remembers assertions while they could still be accepted, so that each is used once. */
export interface UsedAssertions {
  /** False if it was used before. Durable when it resolves. */
  use(principalId: string, assertionId: string, expiresAt: Date): Promise<boolean>;
}

const USE = `INSERT INTO identity.used_assertion (principal_id, assertion_id, kept_until) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING RETURNING true AS used`;
const SWEEP = 'DELETE FROM identity.used_assertion WHERE kept_until < clock_timestamp()';

export function createUsedAssertions(dataSource: DataSource, now: () => number = Date.now): UsedAssertions {
  let sweepAt = now() + LIMITS.assertionSweepMs;
  return {
    use: async (principalId, assertionId, expiresAt) => {
      const keptUntil = new Date(expiresAt.getTime() + LIMITS.assertionKeptSeconds * 1000);
      const rows: readonly unknown[] = await dataSource.query(USE, [principalId, assertionId, keptUntil]);
      if (now() >= sweepAt) {
        sweepAt = now() + LIMITS.assertionSweepMs;
        // What stays because a sweep failed goes with the next one.
        dataSource.query(SWEEP).catch(() => undefined);
      }
      return rows.length === 1;
    },
  };
}
