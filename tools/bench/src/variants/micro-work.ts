import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';

/** What was done within the measured time, on one thread. */
export interface Work {
  readonly perSecond: number;
  readonly cpuSeconds: number;
}

/**
 * Repeats a pure piece of work until the time is over and counts per second of processor time, collector threads included: on a
 * busy machine a pure function gets no slower, it only waits.
 *
 * @param once does one piece and says how many units it was
 */
export function repeat(options: Pick<VariantOptions, 'warmUpSeconds' | 'seconds'>, once: () => number): Work {
  let until = performance.now() + options.warmUpSeconds * 1000;
  do once();
  while (performance.now() < until);
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  until = performance.now() + options.seconds * 1000;
  let units = 0;
  do units += once();
  while (performance.now() < until);
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return { perSecond: units / cpuSeconds, cpuSeconds };
}

/** A measurement of work that stores nothing. */
export function measurementOf(
  { variant }: Pick<VariantOptions, 'variant'>,
  { perSecond, cpuSeconds }: Work,
  refused: string | undefined,
  settings: Record<string, string | number> = {},
): Measurement {
  return {
    variant,
    concurrency: 1,
    eventsPerSecond: perSecond,
    cpuSeconds: { process: cpuSeconds },
    errors: 0,
    lost: 0,
    doubled: 0,
    verified: refused === undefined,
    ...(refused !== undefined && { refused }),
    stores: 'nothing',
    settings: { ...settings, per: 'second of processor time' },
  };
}
