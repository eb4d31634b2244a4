import pg from 'pg';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { countStored } from '../workload/count-stored.js';
import { EVENT_AND_OUTBOX_STORED, ONE_STATEMENT } from '../workload/plain-tables.js';
import { requisitionKey, requisitionLine } from '../workload/requisition.js';

/** The least that a lone caller can do with the same driver: one prepared statement, one round trip, one fsync. */
export async function measureOneStatement(options: VariantOptions): Promise<Measurement> {
  const { database, concurrency } = options;
  const pool = new pg.Pool({ connectionString: database?.ownerUrl, max: concurrency });
  let made = 0;
  const load = await runClosedLoop({
    options,
    call: async () => {
      const index = made;
      made += 1;
      const payload = Buffer.from(JSON.stringify(requisitionLine(index)));
      await pool.query({ ...ONE_STATEMENT, values: [`requisition/${requisitionKey(index)}`, '1', 'LineRequested', payload] });
      return 1;
    },
  });
  await pool.end();
  const { acknowledged, ...figures } = load;
  const { bytesPerEvent, ...verification } = await countStored(database?.ownerUrl ?? '', acknowledged, EVENT_AND_OUTBOX_STORED);
  return {
    variant: options.variant,
    concurrency,
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: event (bytes, stream and version unique), outbox row`,
  };
}
