import {
  createLogDataSource,
  createMemoryIdentity,
  createMemoryUnitKeys,
  openEventLog,
  type EventLog,
} from '@countersign/event-log';
import type { DataSource } from 'typeorm';
import { startCpuClock } from '../load/cpu.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { LABEL } from '../workload/sealed-commands.js';
import { verifyLog } from '../workload/verify-log.js';
import { post, postingOf } from './size-ledger.js';

const SHORT_EVENTS = 10;
const SHORT_STREAMS = 200;
const EVENTS_PER_COMMAND = 200;
/** Commands of one kind before the other kind has its turn. */
const SLICE = 20;

/** What one kind of stream took. */
interface Tally {
  commands: number;
  seconds: number;
  cpuSeconds: number;
}

/**
 * Commands of one event by one caller, in turn on a long stream and on short ones of the same log and the same process: so
 * whatever the machine does meanwhile, both feel it. Warm: their folded state is in memory, as that of every stream in use is.
 * Then each once in a process state that has folded nothing.
 */
export async function measureCommandOnLong(options: VariantOptions): Promise<Measurement> {
  const { url, open } = await sameLog(options);
  const log = await open();
  const acknowledged = new Map<string, bigint>();
  const length = Number(options.parameters['events']);
  const next = new Map<string, number>();
  const add = async (journal: EventLog['journal'], key: string, count: number): Promise<void> => {
    const from = next.get(key) ?? 0;
    next.set(key, from + count);
    const postings = Array.from({ length: count }, (_, index) => postingOf(from + index));
    for (const [eventId, position] of await post(journal, key, postings)) acknowledged.set(eventId, position);
  };
  for (let made = 0; made < length; made += EVENTS_PER_COMMAND) await add(log.journal, 'long', EVENTS_PER_COMMAND);
  for (let stream = 0; stream < SHORT_STREAMS; stream += 1) await add(log.journal, `short-${stream}`, SHORT_EVENTS);

  const [long, short] = await inTurn(options, {
    long: () => add(log.journal, 'long', 1),
    short: (number) => add(log.journal, `short-${number % SHORT_STREAMS}`, 1),
  });
  await log.close();
  const restarted = await open();
  const coldShortMs = await timed(() => add(restarted.journal, 'short-0', 1));
  const coldLongMs = await timed(() => add(restarted.journal, 'long', 1));
  await restarted.close();
  const { size: _, bytesPerEvent, ...verification } = await verifyLog(url, acknowledged);
  return {
    variant: options.variant,
    concurrency: 1,
    eventsPerSecond: long.commands / long.seconds,
    cpuSeconds: { process: long.cpuSeconds + short.cpuSeconds },
    errors: 0,
    ...verification,
    stores: `${bytesPerEvent} bytes on disk per event`,
    figures: {
      longPerSecond: long.commands / long.seconds,
      shortPerSecond: short.commands / short.seconds,
      longCpuMicros: (long.cpuSeconds / long.commands) * 1e6,
      shortCpuMicros: (short.cpuSeconds / short.commands) * 1e6,
      coldLongMs,
      coldShortMs,
    },
    settings: { longStream: length, shortStream: SHORT_EVENTS, shortStreams: SHORT_STREAMS },
  };
}

async function inTurn(
  options: VariantOptions,
  kinds: { readonly long: () => Promise<void>; readonly short: (number: number) => Promise<void> },
): Promise<readonly [Tally, Tally]> {
  const [long, short] = [newTally(), newTally()];
  const begin = performance.now() + options.warmUpSeconds * 1000;
  const end = begin + options.seconds * 1000;
  for (let number = 0; performance.now() < end; number += SLICE) {
    const counts = performance.now() >= begin;
    await slice(counts ? long : newTally(), () => kinds.long());
    await slice(counts ? short : newTally(), (at) => kinds.short(number + at));
  }
  return [long, short];
}

async function slice(tally: Tally, command: (at: number) => Promise<void>): Promise<void> {
  const cpu = startCpuClock();
  const begin = performance.now();
  for (let at = 0; at < SLICE; at += 1) await command(at);
  tally.seconds += (performance.now() - begin) / 1000;
  tally.cpuSeconds += cpu()['process'] ?? 0;
  tally.commands += SLICE;
}

function newTally(): Tally {
  return { commands: 0, seconds: 0, cpuSeconds: 0 };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** One log that can be opened again, with the same keys and nothing in memory. */
async function sameLog({ database, variant }: VariantOptions): Promise<{ readonly url: string; open(): Promise<EventLog> }> {
  if (database === undefined) throw new Error('needs a database');
  const url = database.appUrl;
  const dataSource: DataSource = await createLogDataSource({ url, applicationName: variant }).initialize();
  const [identity, unitKeys] = [createMemoryIdentity(), createMemoryUnitKeys()];
  const opener = { pseudonym: 'service', actingFor: 'operator' };
  return { url, open: () => openEventLog({ dataSource, identity, unitKeys, label: LABEL, policy: 'bench', opener }) };
}
