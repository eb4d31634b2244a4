import fc from 'fast-check';

/** What happens next to a log, its relays and their sink. */
export type RelayStep =
  | { readonly kind: 'append'; readonly events: number }
  /** A relay begins, or ends as it should. */
  | { readonly kind: 'start' | 'stop'; readonly relay: number }
  /** The lease of whoever leads is over, as for a process that was suspended. */
  | { readonly kind: 'lease-ends' }
  /** The next batch a relay publishes: refused, kept and its acknowledgement lost, or held back until `release`. */
  | { readonly kind: 'refuse' | 'lose-acknowledgement' | 'hold' | 'release'; readonly relay: number }
  /** Wake-ups are lost with their connection. */
  | { readonly kind: 'deafen' };

export const RELAYS = 3;

const relay = fc.nat({ max: RELAYS - 1 });

export const relayScripts: fc.Arbitrary<readonly RelayStep[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<RelayStep>[]>(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), events: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), relay }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const), relay }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'lease-ends' as const }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('refuse', 'lose-acknowledgement', 'hold', 'release'), relay }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'deafen' as const }) },
  ),
  { minLength: 3, maxLength: 16, size: 'max' },
);
