import { statSync } from 'node:fs';

/** Longest tier first. */
const TIERS = ['.e2e.spec.ts', '.component.spec.ts', '.int.spec.ts'];

/**
 * Order of the test files, on every machine and on a fresh clone alike: what runs a whole platform begins first, so that nothing long is
 * left for the end when one worker has nothing to do any more; within a tier, larger files first.
 */
export default class LongestFirst {
  sort(tests) {
    const ranked = [...tests].map((test) => ({ test, tier: tierOf(test.path), bytes: statSync(test.path).size }));
    ranked.sort((a, b) => a.tier - b.tier || b.bytes - a.bytes);
    return ranked.map(({ test }) => test);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

function tierOf(path) {
  const tier = TIERS.findIndex((ending) => path.endsWith(ending));
  return tier < 0 ? TIERS.length : tier;
}
