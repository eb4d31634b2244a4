import { setTimeout as sleep } from 'node:timers/promises';
import { openLogStore, startRelay, type EventLog, type OpenLogStore } from '@countersign/event-log';
import type { DataSource } from 'typeorm';
import { runOpenLoop, type OpenLoop } from '../load/open-loop.js';
import { Latencies } from '../load/quantiles.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { openNewLog } from '../workload/opened-log.js';
import { readSealedCommands } from '../workload/sealed-commands.js';
import { verifyLog } from '../workload/verify-log.js';
import { CountingSink } from './relay-sink.js';

const POLL_MS = 100;
const POLL_ROWS_MAX = 1_000;
const DEFAULT_RATE = 2_000;
/** Two renewals of the relay's lease. */
const IDLE_SECONDS = 10;

/**
 * From the append's answer to the call of the publisher, at a fixed rate: by the relay, or by a loop that asks for new rows
 * every 100 ms. Both begin at the same position and publish into the same sink, in the process that appends.
 */
export async function measureDelivery(options: VariantOptions): Promise<Measurement> {
  const log = await openNewLog(options);
  const store = openLogStore(log.dataSource);
  const sink = new CountingSink();
  const isPolling = options.parameters['poll'] === true;
  const stop = isPolling ? startPolling(log, sink) : startRelaying(log, sink);
  const rate = options.rate ?? DEFAULT_RATE;
  const acknowledged = new Map<string, bigint>();
  const calls: Calls = new Map();
  const load = await runOpenLoop({
    options: { ...options, rate },
    call: appending({ options, log, store, acknowledged, calls }),
  });
  const lost = await sink.missingOf(acknowledged.size + 1);
  const idle = options.parameters['idle'] === true ? await idleQueries(log.dataSource) : {};
  await stop();
  await store.close();
  await log.close();
  const verification = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { afterCommit, fromStart } = latenciesOf(calls, sink);
  const refused = sink.outOfOrder > 0 ? `${sink.outOfOrder} rows were delivered out of order` : verification.refused;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    rate,
    eventsPerSecond: load.eventsPerSecond,
    ...afterCommit.summary(),
    cpuSeconds: load.cpuSeconds,
    errors: load.errors,
    lost,
    doubled: sink.doubled,
    verified: verification.verified && refused === undefined,
    ...(refused !== undefined && { refused }),
    stores: 'the log; the sink counts, there is no broker',
    figures: {
      ...namedFromStart(fromStart),
      rowsPerPublish: sink.deliveries / Math.max(1, sink.calls),
      ...idle,
    },
    settings: { wokenBy: isPolling ? `nobody: polls every ${POLL_MS} ms` : 'the append, and its notification' },
  };
}

/** By position: when it should have been called, and when it was answered. Without the warm-up. */
type Calls = Map<number, { readonly intended: number; readonly answered: number }>;

interface Appending {
  readonly options: VariantOptions;
  readonly log: EventLog;
  readonly store: OpenLogStore;
  readonly acknowledged: Map<string, bigint>;
  readonly calls: Calls;
}

function appending({ options, log, store, acknowledged, calls }: Appending): OpenLoop['call'] {
  const next = readSealedCommands(String(options.parameters['file']));
  const begin = performance.now() + options.warmUpSeconds * 1000;
  return async (_, intended) => {
    const command = next();
    if (command === undefined) return 0;
    const outcome = await store.append(command);
    if (outcome.kind !== 'appended') return 0;
    log.recent.add(outcome.firstPosition, command.events); // As the journal does, which this append goes without.
    for (const { eventId } of command.events) acknowledged.set(eventId, outcome.firstPosition);
    if (intended >= begin) calls.set(Number(outcome.firstPosition), { intended, answered: performance.now() });
    return command.events.length;
  };
}

function startRelaying(log: EventLog, sink: CountingSink): () => Promise<void> {
  const relay = startRelay({ name: 'bench', log, sink });
  return () => relay.stop();
}

/** The peer: the same query by position, which loses nothing here because positions are given in commit order. */
function startPolling(log: EventLog, sink: CountingSink): () => Promise<void> {
  const stopping = new AbortController();
  let position = 0n;
  const drain = async (): Promise<void> => {
    for (;;) {
      const rows = await log.readLog(position, POLL_ROWS_MAX);
      const last = rows.at(-1);
      if (last === undefined) return;
      await sink.publish(rows);
      position = last.position + 1n;
    }
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await drain();
      await sleep(POLL_MS);
    }
  })();
  return () => {
    stopping.abort();
    return running;
  };
}

/** Queries per second that this process sends while nothing is appended; it holds nothing but the log and its relay. */
async function idleQueries(dataSource: DataSource): Promise<{ readonly idleQueriesPerSecond: number }> {
  const pool = (dataSource.driver as unknown as { readonly master: { query: (...args: unknown[]) => unknown } }).master;
  const query = pool.query.bind(pool);
  let queries = 0;
  pool.query = (...args) => {
    queries += 1;
    return query(...args);
  };
  await sleep(IDLE_SECONDS * 1000);
  return { idleQueriesPerSecond: queries / IDLE_SECONDS };
}

function latenciesOf(calls: Calls, sink: CountingSink): { readonly afterCommit: Latencies; readonly fromStart: Latencies } {
  const [afterCommit, fromStart] = [new Latencies(), new Latencies()];
  for (const [position, { intended, answered }] of calls) {
    const delivered = sink.deliveredAt[position];
    if (delivered === undefined) continue;
    // The notification may overtake the answer.
    afterCommit.add(Math.max(0, delivered - answered));
    fromStart.add(delivered - intended);
  }
  return { afterCommit, fromStart };
}

function namedFromStart(latencies: Latencies): Record<string, number> {
  const { p50Ms = 0, p99Ms = 0 } = latencies.summary();
  return { fromIntendedStartP50Ms: p50Ms, fromIntendedStartP99Ms: p99Ms };
}
