import fc from 'fast-check';

/** Runs of one property between two lines of progress. */
const CHUNK_RUNS = 500;

/** Which runs to make. */
export interface Runs {
  readonly count: number;
  /** Whether a failure is made smaller: only where the same input gives the same run. */
  readonly shrinks?: boolean;
  /** Is told how far it is; for the long suite. */
  readonly log?: (line: string) => void;
}

/**
 * Runs a property many times, each chunk with a seed of its own. A failure names its seed: `COUNTERSIGN_SEED=<seed>:<path>` makes
 * exactly that run again, `COUNTERSIGN_SEED=<seed>` its whole chunk.
 *
 * @throws Error with seed, path and counterexample
 */
export async function checkSeeded<Values extends [unknown, ...unknown[]]>(
  name: string,
  { count, shrinks = false, log }: Runs,
  property: fc.IAsyncPropertyWithHooks<Values>,
): Promise<void> {
  const [seed, ...path] = (process.env['COUNTERSIGN_SEED'] ?? '').split(':');
  if (seed) {
    await check(
      name,
      property,
      { seed: Number(seed), numRuns: CHUNK_RUNS, ...(path.length > 0 && { path: path.join(':') }) },
      shrinks,
    );
    return;
  }
  const begin = performance.now();
  for (let done = 0; done < count;) {
    const numRuns = Math.min(CHUNK_RUNS, count - done);
    await check(name, property, { seed: Math.trunc(Math.random() * 0x7fffffff), numRuns }, shrinks);
    done += numRuns;
    log?.(`${name}: ${done} of ${count} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
  }
}

async function check<Values extends [unknown, ...unknown[]]>(
  name: string,
  property: fc.IAsyncPropertyWithHooks<Values>,
  parameters: fc.Parameters<Values>,
  shrinks: boolean,
): Promise<void> {
  const details = await fc.check(property, { ...parameters, endOnFailure: !shrinks });
  if (!details.failed) return;
  const again = [details.seed, details.counterexamplePath].filter((part) => part !== null).join(':');
  const report = (await fc.asyncDefaultReportMessage(details)) ?? '';
  throw new Error(`${name}: run it again with COUNTERSIGN_SEED=${again}\n${report}`, { cause: details.errorInstance });
}
