import fc from 'fast-check';
import type { InboxEntry } from '../journal.js';
import type { Operation, Submission } from './operations.js';

/** What happens to the n-th append of a run, besides being answered. `late`: it is given up, and takes effect afterwards. */
export const APPEND_FAULTS = ['answered', 'lost', 'answer-lost', 'late'] as const;

/** Everything about a run but the order in which things happen. */
export interface Script {
  /** What each writer sends, one after the other. */
  readonly writers: readonly (readonly Submission[])[];
  /** Processes that the writers are dealt out to. */
  readonly processes: number;
  /** By number of the append; those after the last one are answered. */
  readonly faults: readonly (typeof APPEND_FAULTS)[number][];
  /** Processes that end at some moment, and are started again. */
  readonly crashes: readonly number[];
  readonly attemptsMax: number;
  readonly batchCountMax: number;
  readonly batchBesideCountMin: number;
  /** Few make a cache that forgets all the time. */
  readonly foldedStreamsMax: number;
}

const PARCELS = ['a', 'b', 'c', 'd'];

/** 2 to 16 writers on few parcels, so that they meet. */
export const scripts: fc.Arbitrary<Script> = fc
  .record({
    writers: fc.array(fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 3 }), {
      minLength: 2,
      maxLength: 16,
      size: 'max',
    }),
    pool: fc.array(submissions(), { minLength: 3, maxLength: 40, size: 'max' }),
    processes: fc.integer({ min: 1, max: 4 }),
    faults: fc.array(fc.constantFrom(...APPEND_FAULTS, 'answered' as const, 'answered' as const), { maxLength: 8 }),
    crashes: fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
    attemptsMax: fc.constantFrom(2, 10),
    batchCountMax: fc.constantFrom(1, 3, 256),
    batchBesideCountMin: fc.constantFrom(1, 2, 16),
    foldedStreamsMax: fc.constantFrom(1, 100),
  })
  .map(({ writers, pool, ...rest }) => {
    // Two submissions of one number share the command id: the first of a body is sent once or repeated, another body is another request.
    const sent = pool.map((submission, index) => named(submission, index));
    return { ...rest, writers: writers.map((own) => own.map((index) => sent[index % sent.length] ?? raise())) };
  });

interface Unnamed {
  readonly operation: Operation;
  readonly reuses: boolean;
  readonly message: { readonly subject: number; readonly sequence: number } | undefined;
}

function submissions(): fc.Arbitrary<Unnamed> {
  const parcel = fc.constantFrom(...PARCELS);
  const pieces = fc.integer({ min: 1, max: 5 });
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('pack' as const), parcel, pieces: fc.integer({ min: 3, max: 20 }) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('take' as const), parcel, pieces }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), from: parcel, to: parcel, pieces }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('take-from-larger' as const), parcel, than: parcel }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), parcel }) },
  );
  const message = fc.record({ subject: fc.nat({ max: 1 }), sequence: fc.nat({ max: 3 }) });
  return fc.record({
    operation,
    reuses: fc.constantFrom(true, false, false, false),
    message: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: message }),
  });
}

/** A message's command id follows from the message, as a consumer makes it; a reusing one takes the id of the command before. */
function named({ operation, reuses, message }: Unnamed, index: number): Submission {
  const body = `body-${index}`;
  if (operation.kind === 'look') return { commandId: `look-${index}`, body, operation, inbox: undefined };
  if (message === undefined) return { commandId: `command-${reuses ? index - 1 : index}`, body, operation, inbox: undefined };
  const eventId = `${message.subject}-${message.sequence}`;
  const inbox: InboxEntry = { source: 'other', eventId, subject: String(message.subject), sequence: BigInt(message.sequence) };
  return { commandId: reuses ? `command-${index}` : `message-${eventId}`, body, operation, inbox };
}

function raise(): never {
  throw new Error('an empty pool');
}
