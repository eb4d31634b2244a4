import type { Runs } from './seeded.js';

/** What one long suite may take, on any machine. */
export const LONG_LIMIT_MS = 3_600_000;

/** Runs of the long suite, with a line of progress now and then. `COUNTERSIGN_LONG_SCALE=0.01` makes a hundredth of them, to try it out. */
export function longRuns(count: number): Runs {
  return { count: Math.ceil(count * longScale()), log: (line) => process.stderr.write(`     ${line}\n`) };
}

export function longScale(): number {
  return Number(process.env['COUNTERSIGN_LONG_SCALE'] ?? 1);
}
