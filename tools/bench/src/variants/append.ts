import { openLogStore } from '@countersign/event-log';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { openNewLog } from '../workload/opened-log.js';
import { readSealedCommands } from '../workload/sealed-commands.js';
import { verifyLog } from '../workload/verify-log.js';

/**
 * The log's append by itself, as the app role and with everything it guarantees: stream head and expected version, idempotency
 * row, reader, links and unit key of a stream's first event. The records were sealed before timing.
 */
export async function measureAppend(options: VariantOptions): Promise<Measurement> {
  const log = await openNewLog(options);
  const store = openLogStore(log.dataSource);
  const next = readSealedCommands(String(options.parameters['file']));
  const acknowledged = new Map<string, bigint>();
  const load = await runClosedLoop({
    options,
    call: async () => {
      const command = next();
      if (command === undefined) return undefined;
      const outcome = await store.append(command);
      if (outcome.kind !== 'appended') return 0;
      for (const [index, { eventId }] of command.events.entries())
        acknowledged.set(eventId, outcome.firstPosition + BigInt(index));
      return command.events.length;
    },
  });
  const { batches, events } = store.stats;
  await store.close();
  await log.close();
  const { bytesPerEvent, size: _, ...verification } = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { acknowledged: __, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: sealed record with encrypted disclosure, stream head, command, reader, two links, unit key`,
    figures: { eventsPerBatch: events / Math.max(1, batches) },
  };
}
