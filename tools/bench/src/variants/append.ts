import { openLogStore, type OpenLogStore, type PreparedCommand } from '@countersign/event-log';
import { runClosedLoop, type LoadResult } from '../load/closed-loop.js';
import { runOpenLoop } from '../load/open-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { openNewLog } from '../workload/opened-log.js';
import { readSealedCommands } from '../workload/sealed-commands.js';
import { verifyLog } from '../workload/verify-log.js';

/** What the log stores with an event that begins a stream, as rows are told apart. */
export function appendStores(withNaturalKeys: boolean): string {
  return `sealed record with encrypted disclosure, stream head with reader and unit key, command${withNaturalKeys ? ', two natural keys' : ''}`;
}

/**
 * The log's append by itself, as the app role and with everything it guarantees: stream head and expected version, idempotency
 * row, reader and unit key of a stream's first event. The records were sealed before timing.
 *
 * Parameters: `naturalKeys` the stream's two natural keys are stored too; `conflicts` every n-th command expects a version that its stream does not have; `poisoned` that many workers send
 * nothing but commands whose rows the database refuses. With a `rate` the commands come in an open loop.
 */
export async function measureAppend(options: VariantOptions): Promise<Measurement> {
  const log = await openNewLog(options);
  const store = openLogStore(log.dataSource, batchLimit(options));
  const acknowledged = new Map<string, bigint>();
  const memory: { growth: () => number } = { growth: () => 0 };
  const load = await appendUnderLoad(options, store, acknowledged, () => (memory.growth = watchMemory()));
  const memoryGrowthMiB = memory.growth();
  const { batches, events } = store.stats;
  await store.close();
  await log.close();
  const { bytesPerEvent, size: _, ...verification } = await verifyLog(options.database?.appUrl ?? '', acknowledged);
  const { acknowledged: __, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...(options.rate !== undefined && { rate: options.rate }),
    ...figures,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event: ${appendStores(hasNaturalKeys(options))}`,
    figures: { eventsPerBatch: events / Math.max(1, batches), memoryGrowthMiB },
  };
}

/** Parameter `batchCountMax`, for trying what serves best; the log's own limit otherwise. */
function batchLimit({ parameters }: VariantOptions): { readonly batchCountMax?: number } {
  const limit = parameters['batchCountMax'];
  return limit === undefined ? {} : { batchCountMax: Number(limit) };
}

/** Notes what was acknowledged, with its position, by event id. */
export function appendUnderLoad(
  options: VariantOptions,
  store: Pick<OpenLogStore, 'append'>,
  acknowledged: Map<string, bigint>,
  onReady: () => void = () => undefined,
): Promise<LoadResult> {
  const next = commandsOf(options);
  onReady();
  const call = async (caller: number): Promise<number | undefined> => {
    const command = next(caller);
    if (command === undefined) return undefined;
    const outcome = await store.append(command);
    if (outcome.kind !== 'appended') return 0;
    for (const [index, { eventId }] of command.events.entries()) acknowledged.set(eventId, outcome.firstPosition + BigInt(index));
    return command.events.length;
  };
  const { rate } = options;
  return rate === undefined ? runClosedLoop({ options, call }) : runOpenLoop({ options: { ...options, rate }, call });
}

function commandsOf({ parameters }: VariantOptions): (caller: number) => PreparedCommand | undefined {
  const next = readSealedCommands(String(parameters['file']), {
    share: Number(parameters['share'] ?? 0),
    shares: Number(parameters['shares'] ?? 1),
    withNaturalKeys: hasNaturalKeys({ parameters }),
  });
  const conflicts = Number(parameters['conflicts'] ?? 0);
  const poisoned = Number(parameters['poisoned'] ?? 0);
  let made = 0;
  return (caller) => {
    const command = next();
    made += 1;
    if (command === undefined) return undefined;
    if (caller < poisoned) return poison(command);
    return conflicts > 0 && made % conflicts === 0 ? expectAnotherVersion(command) : command;
  };
}

function hasNaturalKeys({ parameters }: Pick<VariantOptions, 'parameters'>): boolean {
  return parameters['naturalKeys'] === true;
}

/** As a command that was decided on a state that changed meanwhile. */
function expectAnotherVersion(command: PreparedCommand): PreparedCommand {
  return { ...command, guards: command.guards.map((guard) => ({ ...guard, expected: 7n, next: 8n })) };
}

/** Its entry is a byte short: a check of the table refuses it, again and again. */
function poison(command: PreparedCommand): PreparedCommand {
  return { ...command, events: command.events.map((event) => ({ ...event, entry: event.entry.subarray(1) })) };
}

const MEMORY_POLL_MS = 100;

/** By how much the resident set grew at most from now on, in MiB. */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss();
  let most = before;
  const look = (): void => void (most = Math.max(most, process.memoryUsage.rss()));
  const timer = setInterval(look, MEMORY_POLL_MS);
  return () => {
    clearInterval(timer);
    look();
    return Math.round((most - before) / 2 ** 20);
  };
}
