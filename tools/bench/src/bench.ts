import { exitCodeOf } from './figures.js';
import { GOALS, goalOf, type Goal } from './goal.js';
import type { BenchOptions } from './options.js';
import { Progress, type Planned } from './progress.js';
import type { BenchContext, GoalOutcome, Row } from './row.js';
import { runRow, type Recorded, type RowResult } from './run-row.js';

export interface BenchResult {
  readonly outcomes: readonly GoalOutcome[];
  readonly rows: readonly RowResult[];
  readonly exitCode: 0 | 1;
}

/** Which rows a run measures, with their effort. */
export function planOf(rows: readonly Row[], { mode, only, rounds }: BenchOptions): readonly Planned[] {
  return rows.flatMap((row) => {
    const effort = row[mode];
    const wanted = only.length === 0 || row.goals.some((goal) => only.includes(goal));
    if (effort === undefined || !wanted) return [];
    return [{ row, effort: { ...effort, ...(rounds !== undefined && { rounds }) } }];
  });
}

/** Measures every row of the plan, one after the other. */
export async function runBench(
  rows: readonly Row[],
  options: BenchOptions,
  context: BenchContext,
  onMeasured: (recorded: Recorded) => void,
): Promise<BenchResult> {
  const plan = planOf(rows, options);
  const progress = new Progress(plan, (line) => context.say(line));
  const results: RowResult[] = [];
  for (const planned of plan) {
    const { row, effort } = planned;
    const onVariant = (_: Row, round: number, as: string): void => progress.variant(planned, round, as);
    const result = await runRow(row, { context, effort, onVariant, onMeasured });
    if (result.recorded.length === 0) progress.skip(planned);
    for (const refusal of result.refusals) context.say(`  no number: ${refusal}`);
    results.push(result);
  }
  const outcomes = judge(rows, results, options);
  return { outcomes, rows: results, exitCode: exitCodeOf(outcomes, refusedGoals(results)) };
}

/** One outcome for every goal that was asked for, in the order of the goal table. */
export function judge(rows: readonly Row[], results: readonly RowResult[], { mode, only }: BenchOptions): readonly GoalOutcome[] {
  return GOALS.filter(({ id }) => only.length === 0 || only.includes(id)).map(({ id }) => {
    const goal = goalOf(id);
    const figures = results.flatMap((result) => result.figures.get(id) ?? []);
    if (figures.length > 0) return { goal, figures };
    const row = rows.find(({ goals }) => goals.includes(id));
    const result = results.find((each) => each.row === row);
    return { goal, figures, reason: reasonFor(goal, row, result, mode) };
  });
}

function reasonFor(goal: Goal, row: Row | undefined, result: RowResult | undefined, mode: string): string {
  const refusal = result?.refusals[0];
  if (refusal !== undefined) return refusal;
  if (result !== undefined) return result.notRun === undefined ? 'no round gave a number' : `NOT RUN: ${result.notRun}`;
  if (row !== undefined) return mode === 'quick' ? 'NOT RUN: only with --full' : 'NOT RUN: not asked for';
  return `no number yet: ${goal.noNumberYet ?? 'nothing measures it'}`;
}

/** Goals of rows where a run was refused and no round gave a number. */
function refusedGoals(results: readonly RowResult[]): ReadonlySet<string> {
  return new Set(
    results
      .filter(({ refusals }) => refusals.length > 0)
      .flatMap(({ figures }) => [...figures].filter(([, values]) => values.length === 0).map(([goal]) => goal)),
  );
}
