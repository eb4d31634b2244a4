import { openLogStore, startRelay } from '@countersign/event-log';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { openNewLog } from '../workload/opened-log.js';
import { readSealedCommands } from '../workload/sealed-commands.js';
import { verifyLog } from '../workload/verify-log.js';
import { CountingSink } from './relay-sink.js';

/** The append, with the relay of the same process publishing into a counting sink or switched off. */
export async function measureAppendWithRelay(options: VariantOptions): Promise<Measurement> {
  const log = await openNewLog(options);
  const store = openLogStore(log.dataSource);
  const sink = new CountingSink();
  const relay = options.parameters['relay'] === true ? startRelay({ name: 'bench', log, sink }) : undefined;
  const next = readSealedCommands(String(options.parameters['file']));
  const acknowledged = new Map<string, bigint>();
  const load = await runClosedLoop({
    options,
    call: async () => {
      const command = next();
      if (command === undefined) return undefined;
      const outcome = await store.append(command);
      if (outcome.kind !== 'appended') return 0;
      log.recent.add(outcome.firstPosition, command.events); // As the journal does, which this append goes without.
      for (const { eventId } of command.events) acknowledged.set(eventId, outcome.firstPosition);
      return command.events.length;
    },
  });
  const behind = acknowledged.size + 1 - sink.deliveries;
  const lost = relay === undefined ? 0 : await sink.missingOf(acknowledged.size + 1);
  await relay?.stop();
  await store.close();
  await log.close();
  const verification = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { acknowledged: _, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    lost: lost + verification.lost,
    doubled: sink.doubled + verification.doubled,
    verified: verification.verified && lost === 0 && sink.outOfOrder === 0,
    ...(verification.refused !== undefined && { refused: verification.refused }),
    stores: 'the log; the sink counts, there is no broker',
    figures: relay === undefined ? {} : { behindAtTheEnd: behind, rowsPerPublish: sink.deliveries / Math.max(1, sink.calls) },
  };
}
