import { ALL_CHECKS_RUNS } from './config.js';
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
        if (run === undefined) requireVariety(tally, count);
      },
      limitMs,
    );
  });
}

/** All checks that can fail: chain-finality and author-signature are reserved, map-quorum leaves open. */
const CHECKS = [
  'absence',
  'bundle-seal',
  'chain-head',
  'checkpoint-signature',
  'completeness',
  'consistency',
  'disclosures',
  'erasure',
  'freshness',
  'inclusion',
  'item-heads',
  'item-key',
  'key-history',
  'log-pinned',
  'record-header',
  'stream-order',
  'witness-quorum',
];

/** Mutants that all die at the same check would compare little. By chance a few thousand may miss one that fails rarely. */
function requireVariety({ tried, exits, failed, failures }: Tally, count: number): void {
  expect([...tried.keys()].sort()).toEqual([...KINDS].sort());
  const found = [...failed.keys()].sort();
  if (count >= ALL_CHECKS_RUNS) expect(found).toEqual(CHECKS);
  else expect(found.length).toBeGreaterThan(CHECKS.length / 2);
  for (const exit of [0, 1, 2] as const) expect(exits[exit]).toBeGreaterThan(0);
  expect(failures.size).toBeGreaterThan(100);
}
