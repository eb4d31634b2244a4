import { counts, type Measurement } from './measurement.js';
import type { Goal } from './goal.js';
import type { GoalOutcome, RoundOf } from './row.js';

/** What the figures of all rounds come to. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(figures: readonly number[]): Spread | undefined {
  const sorted = figures.toSorted((left, right) => left - right);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const middle = sorted.length / 2;
  const pair = [sorted[Math.ceil(middle) - 1] ?? min, sorted[Math.floor(middle)] ?? max] as const;
  return { min, median: (pair[0] + pair[1]) / 2, max };
}

/** The measurements of a round that may give a number; what was refused is left out. */
export function verifiedRound(measured: ReadonlyMap<string, Measurement>): RoundOf {
  const get = (as: string): Measurement | undefined => {
    const measurement = measured.get(as);
    return measurement !== undefined && counts(measurement) ? measurement : undefined;
  };
  return {
    get,
    ratio: (of, to, figure = 'eventsPerSecond') => {
      const [above, below] = [get(of)?.[figure], get(to)?.[figure]];
      return above === undefined || below === undefined || below === 0 ? undefined : above / below;
    },
  };
}

export type Verdict = 'reached' | 'missed' | 'below the floor' | 'published' | 'no number';

/** The goal is judged by the median, the floor by every round. */
export function verdictOf({ goal, figures }: GoalOutcome): Verdict {
  const spread = spreadOf(figures);
  if (spread === undefined) return 'no number';
  if (goal.floor !== undefined && !keeps(goal, worst(goal, spread), goal.floor)) return 'below the floor';
  if (goal.goal === undefined) return 'published';
  return keeps(goal, spread.median, goal.goal) ? 'reached' : 'missed';
}

/** 0: every floor held, also where a row has no number; 1: a floor was missed, or a goal with a floor lost its number to a failed verification. */
export function exitCodeOf(outcomes: readonly GoalOutcome[], refusedGoals: ReadonlySet<string>): 0 | 1 {
  const failed = outcomes.some(
    (outcome) =>
      verdictOf(outcome) === 'below the floor' || (outcome.goal.floor !== undefined && refusedGoals.has(outcome.goal.id)),
  );
  return failed ? 1 : 0;
}

function worst({ direction }: Goal, { min, max }: Spread): number {
  return direction === 'at least' ? min : max;
}

function keeps({ direction }: Goal, figure: number, limit: number): boolean {
  return direction === 'at least' ? figure >= limit : figure <= limit;
}
