import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { scripts } from './scripts.js';
import { checkSeeded, type Runs } from './seeded.js';
import { Simulation } from './simulation.js';

/** Journal, group commit and caches under every order of events that a scheduler comes up with. */
export function interleavingsSuite(runs: Runs, limitMs: number): void {
  describe('2 to 16 writers in 1 to 4 processes that lose answers and end at any moment', () => {
    it(
      'record each command once or not at all, in an order that explains every answer',
      () =>
        checkSeeded(
          'interleavings in memory',
          { ...runs, shrinks: true },
          fc.asyncProperty(scripts, fc.scheduler(), (script, scheduler) => new Simulation(script, scheduler).run()),
        ),
      limitMs,
    );
  });
}
