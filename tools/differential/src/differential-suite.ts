import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareVerifiers, type Tally } from './differential.js';
import { KINDS } from './mutant.js';
import { PythonVerifier, whyNoPython } from './python-verifier.js';

/** How many bundles are changed, and what that may take. */
export interface SuiteSize {
  readonly count: number;
  readonly limitMs: number;
  readonly log?: (line: string) => void;
}

const whyNot = await whyNoPython();

/** Both verifiers on the same changed bundles. Left out, and counted as left out, where the second one cannot run. */
export function differentialSuite({ count, limitMs, log }: SuiteSize): void {
  const describeIt = whyNot === undefined ? describe : describe.skip;
  describeIt(`two verifiers on changed bundles${whyNot === undefined ? '' : ` (left out: ${whyNot})`}`, () => {
    let python: PythonVerifier;

    beforeAll(() => {
      python = new PythonVerifier();
    });

    afterAll(async () => {
      await python.close();
    });

    it(
      'agree on every one, and accept none whose change is checked',
      async () => {
        const again = process.env['COUNTERSIGN_SEED'];
        const [seed, run] = again === undefined || again === '' ? [] : again.split(':').map(Number);
        const one = run === undefined ? {} : { first: run, count: 1 };
        const tally = await compareVerifiers(python, {
          seed: seed ?? Math.trunc(Math.random() * 0x7fffffff),
          count,
          log,
          ...one,
        });
        if (run === undefined) requireVariety(tally);
      },
      limitMs,
    );
  });
}

/** Mutants that all die at the same check would compare little. */
function requireVariety({ tried, exits, failures }: Tally): void {
  for (const kind of KINDS) expect(tried.get(kind)).toBeGreaterThan(0);
  for (const exit of [0, 1, 2] as const) expect(exits[exit]).toBeGreaterThan(0);
  expect(failures.size).toBeGreaterThan(50);
}
