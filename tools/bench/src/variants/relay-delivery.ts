import { openLogStore, startRelay, type EventLog } from '@countersign/event-log';
import type { DataSource } from 'typeorm';
import { runOpenLoop } from '../load/open-loop.js';
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
  const stop = options.parameters['poll'] === true ? startPolling(log, sink) : startRelaying(log, sink);
  const rate = options.rate ?? DEFAULT_RATE;
  const next = readSealedCommands(String(options.parameters['file']));
  const begin = performance.now() + options.warmUpSeconds * 1000;
  const acknowledged = new Map<string, bigint>();
  /** By position: when it should have been called, and when it was answered. */
  const calls = new Map<number, { readonly intended: number; readonly answered: number }>();
  const load = await runOpenLoop({
    options: { ...options, rate },
    call: async (_, intended) => {
      const command = next();
      if (command === undefined) return 0;
      const outcome = await store.append(command);
      if (outcome.kind !== 'appended') return 0;
      log.recent.add(outcome.firstPosition, command.events); // As the journal does, which this append goes without.
      for (const { eventId } of command.events) acknowledged.set(eventId, outcome.firstPosition);
      if (intended >= begin) calls.set(Number(outcome.firstPosition), { intended, answered: performance.now() });
      return command.events.length;
    },
  });
  const lost = await sink.missingOf(acknowledged.size + 1);
  const queries = options.parameters['idle'] === true ? await idleQueries(log.dataSource) : undefined;
  await stop();
  await store.close();
  await log.close();
  const verification = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { afterCommit, fromStart } = latenciesOf(calls, sink);
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
    verified: verification.verified && lost === 0 && sink.outOfOrder === 0,
    ...refusalOf(verification.refused, sink.outOfOrder),
    stores: 'the log; the sink counts, there is no broker',
    figures: {
      fromIntendedStartP50Ms: fromStart.summary().p50Ms ?? 0,
      fromIntendedStartP99Ms: fromStart.summary().p99Ms ?? 0,
      rowsPerPublish: sink.deliveries / Math.max(1, sink.calls),
      ...(queries !== undefined && { idleQueriesPerSecond: queries }),
    },
    settings: options.parameters['poll'] === true ? { pollMs: POLL_MS } : { wokenBy: 'the append, and its notification' },
  };
}

function startRelaying(log: EventLog, sink: CountingSink): () => Promise<void> {
  const relay = startRelay({ name: 'bench', log, sink });
  return () => relay.stop();
}

/** The peer: the same query by position, which loses nothing here because positions are given in commit order. */
function startPolling(log: EventLog, sink: CountingSink): () => Promise<void> {
  let position = 0n;
  let stopped = false;
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
    while (!stopped) {
      await drain();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  })();
  return () => {
    stopped = true;
    return running;
  };
}

/** Queries per second that this process sends while nothing is appended; it holds nothing but the log and its relay. */
async function idleQueries(dataSource: DataSource): Promise<number> {
  const pool = (dataSource.driver as unknown as { readonly master: { query: (...args: unknown[]) => unknown } }).master;
  const query = pool.query.bind(pool);
  let queries = 0;
  pool.query = (...args) => {
    queries += 1;
    return query(...args);
  };
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  return queries / IDLE_SECONDS;
}

function latenciesOf(
  calls: ReadonlyMap<number, { readonly intended: number; readonly answered: number }>,
  sink: CountingSink,
): { readonly afterCommit: Latencies; readonly fromStart: Latencies } {
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

function refusalOf(refused: string | undefined, outOfOrder: number): { readonly refused?: string } {
  if (outOfOrder > 0) return { refused: `${outOfOrder} rows were delivered out of order` };
  return refused === undefined ? {} : { refused };
}
