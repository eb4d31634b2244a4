import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogStore } from '@countersign/event-log';
import type { Measurement } from '../measurement.js';
import { runVariantChild } from '../variant-child.js';
import type { VariantOptions } from '../variant.js';
import { connectLog, openNewLog } from '../workload/opened-log.js';
import { verifyLog } from '../workload/verify-log.js';
import { appendStores, appendUnderLoad } from './append.js';

/** Several processes append to one log at the same time, each with as many callers; their log is then verified as one. */
export async function measureReplicas(options: VariantOptions): Promise<Measurement> {
  const replicas = Number(options.parameters['replicas']);
  const log = await openNewLog(options);
  await log.close();
  const files = Array.from({ length: replicas }, (_, share) =>
    join(options.scratch, `acknowledged-${options.round}-${replicas}-${share}`),
  );
  const stop = new AbortController();
  const parts = await Promise.all(
    files.map((acknowledged, share) =>
      runVariantChild(
        'append-replica',
        { ...options, parameters: { ...options.parameters, share, shares: replicas, acknowledged } },
        stop.signal,
      ),
    ),
  );
  const acknowledged = new Map(files.flatMap((file) => readAcknowledged(file)));
  const { bytesPerEvent, size: _, ...verification } = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const sum = (figure: (part: Measurement) => number): number => parts.reduce((total, part) => total + figure(part), 0);
  return {
    variant: options.variant,
    concurrency: options.concurrency * replicas,
    eventsPerSecond: sum((part) => part.eventsPerSecond),
    p50Ms: Math.max(...parts.map(({ p50Ms = 0 }) => p50Ms)),
    p99Ms: Math.max(...parts.map(({ p99Ms = 0 }) => p99Ms)),
    cpuSeconds: {
      process: sum(({ cpuSeconds }) => cpuSeconds['process'] ?? 0),
      postgres: Math.max(...parts.map(({ cpuSeconds }) => cpuSeconds['postgres'] ?? 0)),
    },
    errors: sum(({ errors }) => errors),
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: ${appendStores(false)}`,
    settings: { replicas },
  };
}

/** One of them; what it was told goes to a file, for the one that verifies the whole. */
export async function measureReplica(options: VariantOptions): Promise<Measurement> {
  const dataSource = await connectLog(options);
  const store = openLogStore(dataSource);
  const acknowledged = new Map<string, bigint>();
  const { acknowledged: _, ...figures } = await appendUnderLoad(options, store, acknowledged);
  await store.close();
  await dataSource.destroy();
  const lines = [...acknowledged].map(([id, position]) => `${id} ${position}`);
  writeFileSync(String(options.parameters['acknowledged']), lines.join('\n'));
  const share = { variant: options.variant, concurrency: options.concurrency, lost: 0, doubled: 0, verified: true };
  return { ...share, ...figures, stores: '' };
}

function readAcknowledged(file: string): [string, bigint][] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [id = '', position = ''] = line.split(' ');
    return [id, BigInt(position)];
  });
}
