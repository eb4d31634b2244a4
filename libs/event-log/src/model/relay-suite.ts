import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { SuiteDatabase } from '../postgres/log-fixture.js';
import { RelayRig } from './relay-rig.js';
import { relayScripts } from './relay-scripts.js';
import { checkSeeded, type Runs } from './seeded.js';

/** Relays of three processes under random faults. */
export function relaySuite(
  newDatabase: () => Promise<SuiteDatabase & { readonly name: string }>,
  runs: Runs,
  limitMs: number,
): void {
  describe('Three relays, whose leases end, whose broker fails, and who do not hear', () => {
    let rig: RelayRig;
    beforeAll(async () => {
      rig = await RelayRig.open(await newDatabase());
    }, 60_000);
    afterAll(() => rig.close());

    it(
      'publish every record, each one after all before it, and never move the cursor past what was not acknowledged',
      () =>
        checkSeeded(
          'relays',
          runs,
          fc.asyncProperty(relayScripts, (script) => rig.run(script)),
        ),
      limitMs,
    );
  });
}
