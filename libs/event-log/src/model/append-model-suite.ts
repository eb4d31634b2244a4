import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IntentOptions } from './intents.js';
import { checkSeeded, type Runs } from './seeded.js';
import { breaking, sending, type StoreStep } from './store-commands.js';
import { StoreRig, type RigDatabase } from './store-rig.js';

const STREAMS = 6;
const AT_ONCE_MAX = 40;
const STEPS_MAX = 8;
/** So many random runs have every fault among them, by any odds. */
const RUNS_FOR_EVERY_FAULT = 50;
const MIXED: IntentOptions = { streams: STREAMS, empty: 10, poisoned: 8, conflicting: 15 };
const FAULTY: IntentOptions = { streams: STREAMS, empty: 0, poisoned: 4, conflicting: 10 };

/** Two that find a lost outcome out by themselves, two that give up and report it. */
const WRITERS = [
  { statementMs: 2_000, retryPauseMs: 5 },
  { statementMs: 150, retryPauseMs: 5 },
  { statementMs: 2_000, unknownOutcomeMs: 0 },
  { statementMs: 150, unknownOutcomeMs: 0, batchCountMax: 4 },
];

/** The PostgreSQL append against the reference, by random commands and faults. */
export function appendModelSuite(
  newDatabase: () => Promise<RigDatabase>,
  runs: { readonly clean: Runs; readonly faulty: Runs },
  limitMs: number,
): void {
  const model = (rig: StoreRig, steps: Iterable<StoreStep>) => async (): Promise<void> => {
    await rig.begin();
    await fc.asyncModelRun(() => ({ model: {}, real: rig }), steps);
    await rig.verify();
  };

  describe('One writer', () => {
    let rig: StoreRig;
    beforeAll(async () => {
      rig = await StoreRig.open(await newDatabase(), [{}]);
    }, 60_000);
    afterAll(() => rig.close());

    it(
      'settles every command of every batch as the reference does, one after the other',
      async () => {
        const seen = new Map<string, number>();
        const steps = fc.commands([sending(MIXED, AT_ONCE_MAX)], { maxCommands: STEPS_MAX });
        await checkSeeded(
          'append, one writer',
          runs.clean,
          fc.asyncProperty(steps, async (chosen) => {
            await model(rig, chosen)();
            for (const { outcome } of rig.history.attempts) seen.set(outcome.kind, (seen.get(outcome.kind) ?? 0) + 1);
          }),
        );
        // Every outcome came up: a generator that makes none of a kind would prove nothing about it.
        expect([...seen.keys()].toSorted()).toEqual(
          ['appended', 'conflict', 'consumed', 'duplicate', 'gap', 'poisoned', 'reused'].toSorted(),
        );
      },
      limitMs,
    );
  });

  describe('Four writers whose links, sessions and patience break', () => {
    let rig: StoreRig;
    beforeAll(async () => {
      rig = await StoreRig.open(await newDatabase(), WRITERS);
    }, 60_000);
    afterAll(() => rig.close());

    it(
      'store every command once or not at all, lose none that was acknowledged, and refuse for a reason only',
      async () => {
        let unknown = 0;
        const steps = fc.commands([sending(FAULTY, 16), ...breaking(FAULTY, WRITERS.length)], { maxCommands: STEPS_MAX });
        await checkSeeded(
          'append, broken links',
          runs.faulty,
          fc.asyncProperty(steps, async (chosen) => {
            await model(rig, chosen)();
            unknown += rig.history.count('unknown');
          }),
        );
        if (runs.faulty.count < RUNS_FOR_EVERY_FAULT) return;
        expect(rig.cuts).toBeGreaterThan(0);
        expect(unknown).toBeGreaterThan(0);
      },
      limitMs,
    );
  });
}
