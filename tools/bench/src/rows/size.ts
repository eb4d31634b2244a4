import type { BenchContext, Effort, Round, Row, VariantUse } from '../row.js';
import type { BenchDatabase, VariantOptions } from '../variant.js';
import { sealedFile } from '../workload/sealed-file.js';
import { fillLog } from './size-fill.js';

const SMALL = 10_000;
/** The quick mode has no time for ten million. */
const LARGE = { quick: 300_000, full: 10_000_000 } as const;
const LONG_STREAM = 100_000;
const CALLERS = 256;
const ROUNDS_MAX = 5;

const quick: Effort = { rounds: 3, warmUpSeconds: 0.5, seconds: 1.5 };
const full: Effort = { rounds: 5, warmUpSeconds: 1, seconds: 4 };

/** One per bench: filled once, then it grows by what is measured. */
interface LargeLog {
  readonly database: BenchDatabase;
  /** Commands of the sealed file that were used up on it. */
  used: number;
}
const largeLogs = new WeakMap<BenchContext, Promise<LargeLog>>();
const smallLogs = new WeakMap<BenchContext, Promise<readonly BenchDatabase[]>>();

/** What the log costs as it grows. */
export const sizeRows: readonly Row[] = [
  {
    name: 'append to a large log, C=256',
    goals: ['P22'],
    variants: [
      { as: 'small', node: 'size-append', concurrency: CALLERS, reset: small },
      { as: 'large', node: 'size-append', concurrency: CALLERS, reset: large },
    ],
    quick,
    full,
    overheadSeconds: 8,
    figures: (round) => ({ P22: round.ratio('large', 'small') }),
  },
  {
    name: 'end of a large log',
    goals: ['P22-tail'],
    variants: [
      { as: 'small', node: 'size-tail', concurrency: 1, reset: small },
      { as: 'large', node: 'size-tail', concurrency: 1, reset: large },
    ],
    quick: { ...quick, seconds: 0.7 },
    full: { ...full, seconds: 2 },
    overheadSeconds: 3,
    figures: (round) => ({ 'P22-tail': round.ratio('large', 'small') }),
  },
  {
    name: 'command on a long stream, C=1',
    goals: ['P23', 'P23-cold'],
    variants: [
      {
        as: 'long-and-short',
        node: 'size-command',
        concurrency: 1,
        parameters: { events: LONG_STREAM },
        reset: async (context) => ({
          database: await context.freshDatabase('log'),
          postgresPid: (await context.postgres()).pid,
        }),
      },
    ],
    quick: { rounds: 2, warmUpSeconds: 0.5, seconds: 2 },
    full: { rounds: 5, warmUpSeconds: 1, seconds: 4 },
    overheadSeconds: 9,
    figures: (round) => {
      const { longPerSecond, shortPerSecond, coldLongMs, coldShortMs } = round.get('long-and-short')?.figures ?? {};
      return { P23: quotient(longPerSecond, shortPerSecond), 'P23-cold': quotient(coldShortMs, coldLongMs) };
    },
  },
];

function quotient(of: number | undefined, to: number | undefined): number | undefined {
  return of === undefined || to === undefined || to === 0 ? undefined : of / to;
}

type Reset = NonNullable<VariantUse['reset']>;

async function small(context: BenchContext, { number }: Round): ReturnType<Reset> {
  // One for each round: it would not stay small.
  const database = await (smallLogs.get(context) ?? makeSmall(context)).then((logs) => logs[(number - 1) % logs.length]);
  if (database === undefined) throw new Error('there is no small log');
  return optionsFor(context, database, { skip: 0 });
}

async function large(context: BenchContext): ReturnType<Reset> {
  const log = await (largeLogs.get(context) ?? makeLarge(context));
  const skip = log.used;
  log.used += USED_PER_RUN;
  return optionsFor(context, log.database, { skip });
}

/**
 * All at once and before the large one, because a checkpoint follows each. After a checkpoint every first touch of a page writes
 * the whole page to the WAL; in the middle of a checkpoint interval, which these rows are about, pages were touched before.
 */
function makeSmall(context: BenchContext): Promise<readonly BenchDatabase[]> {
  const made = (async () => {
    const databases: BenchDatabase[] = [];
    for (let number = 1; number <= ROUNDS_MAX; number += 1) {
      const database = await context.freshDatabase(`small_log_${number}`);
      await fillLog(database, SMALL);
      databases.push(database);
    }
    return databases;
  })();
  smallLogs.set(context, made);
  return made;
}

/** More than one run appends. */
const USED_PER_RUN = 40_000;

function makeLarge(context: BenchContext): Promise<LargeLog> {
  const made = (async () => {
    const events = LARGE[context.mode];
    const begin = performance.now();
    context.say(`  filling a log with ${events.toLocaleString('en-US')} events`);
    const database = await context.freshDatabase('large_log');
    await fillLog(database, events);
    context.say(`  filled (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
    return { database, used: 0 };
  })();
  largeLogs.set(context, made);
  return made;
}

async function optionsFor(
  context: BenchContext,
  database: BenchDatabase,
  parameters: VariantOptions['parameters'],
): Promise<Partial<VariantOptions>> {
  const { file } = await sealedFile(context);
  return { database, postgresPid: (await context.postgres()).pid, parameters: { file, ...parameters } };
}
