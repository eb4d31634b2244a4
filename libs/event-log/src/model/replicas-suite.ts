import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SuiteDatabase } from '../postgres/log-fixture.js';
import type { ReplicaProcess } from './replica-process.js';
import { ReplicaRig } from './replica-rig.js';
import { chooser } from './session-scripts.js';

export interface ReplicasOptions {
  readonly replicas: number;
  /** How often the relaying one is suspended past its lease, and another one killed. */
  readonly faults: number;
}

/** Replicas of one service on one log, as processes that die and fall asleep. `COUNTERSIGN_SEED` repeats their commands. */
export function replicasSuite(
  newDatabase: () => Promise<SuiteDatabase>,
  { replicas, faults }: ReplicasOptions,
  limitMs: number,
): void {
  describe(`${replicas} replicas on one log, ${faults} times the relaying one suspended past its lease and another one killed`, () => {
    const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 0x7fffffff);
    const choose = chooser(seed);
    let rig: ReplicaRig;
    beforeAll(async () => {
      rig = await ReplicaRig.open(await newDatabase(), seed);
    }, 60_000);
    afterAll(() => rig.close(), 60_000);

    it(
      `record each command once, consume each message once, and relay every record in order (seed ${seed})`,
      async () => {
        let running: readonly ReplicaProcess[] = await Promise.all(
          Array.from({ length: replicas }, (_, index) => rig.start(`replica-${index}`)),
        );
        for (let fault = 0; fault < faults; fault += 1) {
          await rig.untilCalled(running, 5 + choose(20));
          // The one that matters most to the fence falls asleep, another one dies.
          const sleeper = await rig.leader(running);
          const others = running.filter((replica) => replica !== sleeper);
          const victim = others[choose(others.length)] ?? sleeper;
          await rig.suspend(sleeper);
          victim.signal('SIGKILL');
          expect(await victim.ended).toBe('SIGKILL');
          running = [await rig.start(`${victim.terms.name}-again`, victim), ...running.filter((replica) => replica !== victim)];
        }
        await rig.untilCalled(running, 10);
        for (const replica of running) replica.signal('SIGTERM');
        expect(await Promise.all(running.map(({ ended }) => ended))).toEqual(running.map(() => 'exit code 0 '));

        await rig.relayTheRest();
        const calls = await rig.verify();
        expect(calls.filter(({ submission, answer }) => submission.inbox && answer.kind === 'done').length).toBeGreaterThan(0);
        expect(await rig.verifyFence()).toBeGreaterThan(faults + 1);
      },
      limitMs,
    );
  });
}
