import { startCpuClock } from './cpu.js';
import { Latencies } from './quantiles.js';
import type { VariantOptions } from '../variant.js';

export interface ClosedLoop {
  readonly options: Pick<VariantOptions, 'concurrency' | 'warmUpSeconds' | 'seconds' | 'postgresPid'>;
  /**
   * One call of one worker; resolves with how many events it made durable (0: refused). Rejecting counts as an error.
   * `undefined` says that there is nothing left to do: the measurement ends.
   */
  readonly call: (worker: number) => Promise<number | undefined>;
  /** Further processes whose processor time is of interest. */
  readonly others?: Readonly<Record<string, number | undefined>>;
}

export interface LoadResult {
  readonly eventsPerSecond: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly p999Ms?: number;
  readonly maxMs?: number;
  readonly cpuSeconds: Record<string, number>;
  readonly errors: number;
  readonly firstError?: string;
  /** Events acknowledged, warm-up and tail included: what has to be stored in the end. */
  readonly acknowledged: number;
}

/**
 * Workers that each make the next call when the last one was answered. Throughput only counts answers within the measured time;
 * every call is awaited in the end, so that acknowledgements can be counted against what is stored.
 */
export async function runClosedLoop({ options, call, others = {} }: ClosedLoop): Promise<LoadResult> {
  const begin = performance.now() + options.warmUpSeconds * 1000;
  const plannedEnd = begin + options.seconds * 1000;
  const tally = { events: 0, errors: 0, acknowledged: 0 };
  let firstError: string | undefined;
  const latencies = new Latencies();
  let end = plannedEnd;
  const worker = async (index: number): Promise<void> => {
    for (;;) {
      const start = performance.now();
      if (start >= end) return;
      const events = await call(index).catch((error: unknown) => {
        firstError ??= wordsOf(error);
        return 0;
      });
      const now = performance.now();
      if (events === undefined) {
        end = Math.min(end, now);
        return;
      }
      const counted = start >= begin && now <= plannedEnd;
      tally.acknowledged += events;
      if (now >= begin && now <= plannedEnd) tally.events += events;
      if (counted && events === 0) tally.errors += 1;
      else if (counted) latencies.add(now - start);
    }
  };
  const cpu = clockWithin(begin, others, options.postgresPid);
  await Promise.all(Array.from({ length: options.concurrency }, (_, index) => worker(index)));
  const seconds = (Math.min(end, plannedEnd) - begin) / 1000;
  return {
    eventsPerSecond: seconds > 0 ? tally.events / seconds : 0,
    ...latencies.summary(),
    cpuSeconds: cpu(),
    errors: tally.errors,
    ...(firstError !== undefined && { firstError }),
    acknowledged: tally.acknowledged,
  };
}

/** One line of an error, for the record. */
export function wordsOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
}

/** A clock that starts when the warm-up is over. */
function clockWithin(
  begin: number,
  others: Readonly<Record<string, number | undefined>>,
  postgres: number | undefined,
): () => Record<string, number> {
  let clock = startCpuClock({ postgres, ...others });
  setTimeout(() => (clock = startCpuClock({ postgres, ...others })), Math.max(0, begin - performance.now()));
  return () => clock();
}
