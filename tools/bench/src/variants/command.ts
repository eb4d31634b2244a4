import { randomUUID } from 'node:crypto';
import type { Actor } from '@countersign/kernel';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { openNewLog } from '../workload/opened-log.js';
import { REQUISITION } from '../workload/requisition.js';
import { ORGANISATION } from '../workload/sealed-commands.js';
import { targetsOf } from '../workload/targets.js';
import { verifyLog } from '../workload/verify-log.js';
import { appendStores } from './append.js';

const CLERK: Actor = {
  principalId: 'principal-of-clerk',
  pseudonym: 'pseudonym-of-clerk',
  organisationId: ORGANISATION,
  actingFor: 'W25G1U',
  nation: 'USA',
  roles: ['requisitioner'],
};

/** A whole command as a service executes it: look up its id, load, decide, seal and encrypt, append; again where it conflicts. */
export async function measureCommand(options: VariantOptions): Promise<Measurement> {
  const log = await openNewLog(options);
  const next = targetsOf(options);
  const acknowledged = new Map<string, bigint>();
  const load = await runClosedLoop({
    options,
    call: async () => {
      const { key, lines } = next();
      const commandId = randomUUID();
      const envelope = {
        commandId,
        actor: CLERK,
        eventTime: '2026-11-20T10:00:00-05:00',
        correlationId: commandId,
        request: Buffer.from(JSON.stringify(lines)),
      };
      const { recorded } = await log.journal.execute(envelope, async (unit) => {
        const stream = await unit.open(REQUISITION, key);
        for (const data of lines) stream.append({ type: 'LineRequested', data });
      });
      for (const { eventId, position } of recorded) acknowledged.set(eventId, position);
      return recorded.length;
    },
  });
  await log.close();
  const { bytesPerEvent, size: _, ...verification } = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { acknowledged: __, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: ${appendStores(true)}`,
  };
}
