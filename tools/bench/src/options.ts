import path from 'node:path';
import { parseArgs } from 'node:util';
import { GOALS, type GoalId } from './goal.js';
import type { Mode } from './row.js';

export interface BenchOptions {
  readonly mode: Mode;
  /** One line per variant and round on standard output; the table on standard error. */
  readonly json: boolean;
  /** Only rows that give numbers for these goals; empty: all. */
  readonly only: readonly GoalId[];
  /** Instead of each row's own number. */
  readonly rounds?: number;
  /** Where `performance.md` and `performance.svg` are written; a full run of all rows writes to `docs`. */
  readonly out?: string;
}

export const USAGE = `npm run bench [-- options]

  --full         everything, with more and longer rounds (about 30 min); writes docs/performance.md and docs/performance.svg
  --only P1,P2   only the rows that give these goals a number
  --rounds <n>   this many rounds for each row
  --json         one JSON line per variant and round on standard output; the table goes to standard error
  --out <dir>    write performance.md, performance.svg and measurements.jsonl there
  --help         this text

Exit code: 0 every floor held, 1 a floor was missed, 2 the options are wrong, 3 the bench could not run.
`;

const ROUNDS_MAX = 100;

/** @throws TypeError for an unknown option or value */
export function parseOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    mode: values.full ? 'full' : 'quick',
    json: values.json,
    only: values.only.flatMap(goalIds),
    ...(values.rounds === undefined ? {} : { rounds: roundsOf(values.rounds) }),
    ...(values.out === undefined ? {} : { out: fromCaller(values.out) }),
  };
}

function goalIds(text: string): GoalId[] {
  return text.split(',').map((part) => {
    const goal = GOALS.find(({ id }) => id.toLowerCase() === part.trim().toLowerCase());
    if (goal === undefined)
      throw new TypeError(`--only: no goal is called ${part} (there are ${GOALS.map(({ id }) => id).join(', ')})`);
    return goal.id;
  });
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > ROUNDS_MAX)
    throw new TypeError(`--rounds: a number from 1 to ${ROUNDS_MAX}, not ${text}`);
  return rounds;
}

/** npm runs its scripts in the root of the repository, wherever the person stands who typed the command. */
function fromCaller(folder: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', folder);
}
