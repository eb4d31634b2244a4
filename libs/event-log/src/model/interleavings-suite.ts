import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { scripts } from './scripts.js';
import { checkSeeded, type Runs } from './seeded.js';
import { SessionRig } from './session-rig.js';
import { sessionScripts } from './session-scripts.js';
import { Simulation } from './simulation.js';
import type { SuiteDatabase } from '../postgres/log-fixture.js';

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

/** The append in 2 to 16 real sessions: transactions that stay open, roll back, are ended, or had their transaction id early. */
export function sessionInterleavingsSuite(newDatabase: () => Promise<SuiteDatabase>, runs: Runs, limitMs: number): void {
  describe('2 to 16 sessions of PostgreSQL, whose steps come in any order', () => {
    let rig: SessionRig;
    beforeAll(async () => {
      rig = await SessionRig.open(await newDatabase());
    }, 60_000);
    afterAll(() => rig.close());

    it(
      'leave dense positions in commit order, and a follower that reads by a plain number misses nothing',
      () =>
        checkSeeded(
          'interleavings of sessions',
          runs,
          fc.asyncProperty(sessionScripts, (script) => rig.run(script)),
        ),
      limitMs,
    );
  });
}
