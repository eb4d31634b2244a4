import * as fc from 'fast-check';
import type { Decision, ModelCommit } from './registry-model.js';

const LOGS = 3;
export const LEAVES = 24;
/** Accounts 0 to 2 are the members at first; 3 publishes log 0, 4 the others; 5 is nobody. Key n is the key of account n. */
export const ACCOUNTS = 6;
export const KEYS = 9;
/** Stands for what the step's log makes right: its publisher, its epoch, its latest size, all keys. */
export const RIGHT = -1;

/** One random call. `sender` is an account, or RIGHT. */
export type Step =
  | { readonly kind: 'commit'; readonly sender: number; readonly batch: readonly ModelCommit[] }
  | { readonly kind: 'propose'; readonly sender: number; readonly decision: Decision }
  /** `back` counts from the newest proposal. */
  | { readonly kind: 'approve'; readonly sender: number; readonly back: number }
  | { readonly kind: 'attester'; readonly sender: number; readonly key: number }
  | { readonly kind: 'offer'; readonly sender: number; readonly log: number; readonly successor: number };

const account = fc.nat(ACCOUNTS - 1);
const member = fc.constantFrom(0, 1, 2, 0, 1, 2, 3, 4, 5);
const mostlyRight = (other: fc.Arbitrary<number>, weight: number): fc.Arbitrary<number> =>
  fc.oneof({ weight, arbitrary: fc.constant(RIGHT) }, { weight: 1, arbitrary: other });
const log = fc.nat(LOGS - 1);

const commit: fc.Arbitrary<ModelCommit> = fc.record({
  log: fc.nat(LOGS),
  epoch: mostlyRight(fc.nat(3), 6),
  size: fc.nat(LEAVES),
  proofFrom: mostlyRight(fc.nat(LEAVES), 2),
  branch: fc.constantFrom(0, 0, 0, 1),
  attestedBy: fc.oneof(fc.constant([RIGHT]), fc.uniqueArray(fc.nat(KEYS - 1), { maxLength: 3 })),
});

const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({
    kind: fc.constant('membership' as const),
    joining: fc.array(account, { maxLength: 2 }),
    leaving: fc.array(account, { maxLength: 1 }),
    k: fc.integer({ min: 1, max: 4 }),
    quorumMin: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('publisher' as const), log, publisher: account }),
  fc.record({
    kind: fc.constant('quorum' as const),
    log,
    attesters: fc.array(account, { maxLength: 3 }),
    threshold: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('closing' as const), log, size: mostlyRight(fc.nat(LEAVES), 1) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      sender: mostlyRight(account, 4),
      batch: fc.array(commit, { maxLength: 4 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('propose' as const), sender: member, decision }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('approve' as const), sender: member, back: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('attester' as const), sender: member, key: fc.nat(KEYS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('offer' as const), sender: account, log, successor: account }) },
);

/** Seeded random histories; equal arguments give equal ones. */
export function sampleHistories(seed: number, histories: number, steps: number): Step[][] {
  return fc.sample(fc.array(step, { minLength: steps, maxLength: steps }), { numRuns: histories, seed });
}
