import type { Measurement } from '../measurement.js';

/** A measurement that may give a number, but for the change. */
export function measurementOf(change: Partial<Measurement>): Measurement {
  return {
    variant: 'ours',
    concurrency: 1,
    eventsPerSecond: 100,
    cpuSeconds: { process: 1 },
    errors: 0,
    lost: 0,
    doubled: 0,
    verified: true,
    stores: 'nothing',
    ...change,
  };
}
