import fc from 'fast-check';
import { intents, type Intent, type IntentOptions } from './intents.js';

/** How a transaction ends. `killed`: its backend is ended while it is open. */
export type TransactionEnd = 'commit' | 'rollback' | 'killed';

/** One transaction of one session. */
export interface SessionTransaction {
  /** Takes its transaction id before it does anything else, as one that wrote elsewhere first has done. */
  readonly early: boolean;
  /** Opened by itself and closed later; otherwise each batch is a transaction of its own. */
  readonly explicit: boolean;
  readonly batches: readonly (readonly Intent[])[];
  readonly end: TransactionEnd;
}

/** What 2 to 16 sessions do, each in order; who does the next step is chosen by a seed. */
export interface SessionScript {
  readonly sessions: readonly (readonly SessionTransaction[])[];
  readonly scheduleSeed: number;
}

const OPTIONS: IntentOptions = { streams: 3, empty: 0, poisoned: 3, conflicting: 15 };

export const SESSIONS_MAX = 16;

export const sessionScripts: fc.Arbitrary<SessionScript> = fc.record({
  sessions: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(transactions()) },
      { weight: 1, arbitrary: fc.tuple(transactions(), transactions()) },
    ),
    {
      minLength: 2,
      maxLength: SESSIONS_MAX,
      size: 'max',
    },
  ),
  scheduleSeed: fc.nat(),
});

function transactions(): fc.Arbitrary<SessionTransaction> {
  const batch = fc.array(intents(OPTIONS).map(receivable), { minLength: 1, maxLength: 2 });
  return fc.record({
    early: fc.boolean(),
    explicit: fc.constantFrom(true, true, false),
    batches: fc.oneof({ weight: 3, arbitrary: fc.tuple(batch) }, { weight: 1, arbitrary: fc.tuple(batch, batch) }),
    end: fc.oneof(
      { weight: 70, arbitrary: fc.constant<TransactionEnd>('commit') },
      { weight: 28, arbitrary: fc.constant<TransactionEnd>('rollback') },
      { weight: 2, arbitrary: fc.constant<TransactionEnd>('killed') },
    ),
  });
}

/** Without a text that ends the transaction before the function is even called. */
function receivable(intent: Intent): Intent {
  return intent.poison === 'text' ? { ...intent, poison: 'digest' } : intent;
}

/** Chooses by a seed: the same numbers for the same seed (mulberry32). */
export function chooser(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
