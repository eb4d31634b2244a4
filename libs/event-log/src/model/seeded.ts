import fc from 'fast-check';

/** Runs with one seed. */
const CHUNK_RUNS = 500;
/** Pause between two lines of progress. */
const TELL_MS = 10_000;

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
  let toldAt = begin;
  for (let done = 0; done < count;) {
    const numRuns = Math.min(CHUNK_RUNS, count - done);
    await check(name, property, { seed: Math.trunc(Math.random() * 0x7fffffff), numRuns }, shrinks);
    done += numRuns;
    if (done < count && performance.now() - toldAt < TELL_MS) continue;
    toldAt = performance.now();
    log?.(`${name}: ${done} of ${count} in ${((toldAt - begin) / 1000).toFixed(0)} s`);
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
