import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOf, type LoadResult } from './closed-loop.js';
import { startCpuClock } from './cpu.js';
import { Latencies } from './quantiles.js';
import type { VariantOptions } from '../variant.js';

export interface OpenLoop {
  readonly options: Pick<VariantOptions, 'concurrency' | 'warmUpSeconds' | 'seconds' | 'postgresPid'> & { readonly rate: number };
  /** One call, and when it should have started; resolves with how many events it made durable, 0 if it was refused. Rejecting counts as refused. */
  readonly call: (index: number, intended: number) => Promise<number | undefined>;
  readonly others?: Readonly<Record<string, number | undefined>>;
}

/**
 * Calls at a fixed rate, whatever becomes of earlier ones. Latency counts from the moment at which a call should have started, so
 * that a stall is not hidden by the calls it delays. More than `concurrency` calls under way are refused by the harness itself
 * and counted as errors, as a server would that has no room left.
 */
export async function runOpenLoop({ options, call, others = {} }: OpenLoop): Promise<LoadResult> {
  const { rate, warmUpSeconds, seconds, concurrency } = options;
  const start = performance.now();
  const begin = start + warmUpSeconds * 1000;
  const end = begin + seconds * 1000;
  const tally = { events: 0, errors: 0, acknowledged: 0 };
  const latencies = new Latencies();
  let firstError: string | undefined;
  const underWay = new Set<Promise<void>>();
  const make = async (index: number, intended: number): Promise<void> => {
    const events = (await call(index, intended).catch((error: unknown) => void (firstError ??= wordsOf(error)))) ?? 0;
    const now = performance.now();
    tally.acknowledged += events;
    if (now >= begin && now <= end) tally.events += events;
    if (intended < begin || intended > end) return;
    if (events === 0) tally.errors += 1;
    else latencies.add(now - intended);
  };
  let clock = startCpuClock({ postgres: options.postgresPid, ...others });
  const clockTimer = setTimeout(
    () => (clock = startCpuClock({ postgres: options.postgresPid, ...others })),
    warmUpSeconds * 1000,
  );
  let made = 0;
  for (let now = performance.now(); now < end; now = performance.now()) {
    const due = Math.floor(((now - start) / 1000) * rate);
    for (; made < due; made += 1) {
      if (underWay.size >= concurrency) {
        if (now >= begin) tally.errors += 1;
        continue;
      }
      const one = make(made, start + (made / rate) * 1000);
      underWay.add(one);
      void one.finally(() => underWay.delete(one));
    }
    await sleep(1);
  }
  const cpuSeconds = clock();
  clearTimeout(clockTimer);
  await Promise.all(underWay);
  return {
    eventsPerSecond: tally.events / seconds,
    ...latencies.summary(),
    cpuSeconds,
    errors: tally.errors,
    ...(firstError !== undefined && { firstError }),
    acknowledged: tally.acknowledged,
  };
}
