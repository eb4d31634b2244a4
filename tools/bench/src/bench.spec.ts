import { describe, expect, it } from '@jest/globals';
import { judge, planOf, runBench } from './bench.js';
import { BenchError } from './bench-error.js';
import { verdictOf } from './figures.js';
import { GOALS } from './goal.js';
import type { Measurement } from './measurement.js';
import type { BenchOptions } from './options.js';
import type { BenchContext, Row, VariantUse } from './row.js';
import { ROWS } from './rows.js';
import { orderOf } from './run-row.js';
import { secondsOf } from './progress.js';
import { measurementOf } from './testing/measurements.js';

const QUICK: BenchOptions = { mode: 'quick', json: false, only: [] };
const EFFORT = { rounds: 3, warmUpSeconds: 0, seconds: 0 };
const context = {
  mode: 'quick',
  scratch: '',
  signal: new AbortController().signal,
  say: () => undefined,
} as unknown as BenchContext;

function variant(as: string, measure: (round: number) => Partial<Measurement>): VariantUse {
  return { as, concurrency: 1, program: (_, { round }) => Promise.resolve(measurementOf({ variant: as, ...measure(round) })) };
}

function rowOf(change: Partial<Row>): Row {
  return {
    name: 'row',
    goals: ['P1'],
    variants: [
      variant('ours', () => ({ eventsPerSecond: 1200 })),
      variant('peer', (round) => ({ eventsPerSecond: 100 * round })),
    ],
    quick: EFFORT,
    full: EFFORT,
    figures: (round) => ({ P1: round.ratio('ours', 'peer') }),
    ...change,
  };
}

async function outcomeOf(row: Row, options = QUICK): Promise<{ figures: readonly number[]; reason?: string; exitCode: number }> {
  const { outcomes, exitCode } = await runBench([row], { ...options, only: ['P1'] }, context, () => undefined);
  return { ...outcomes[0]!, exitCode };
}

describe('a row', () => {
  it('gives one ratio for each round', async () => {
    expect(await outcomeOf(rowOf({}))).toMatchObject({ figures: [12, 6, 4], exitCode: 1 });
    expect(await outcomeOf(rowOf({}), { ...QUICK, rounds: 2 })).toMatchObject({ figures: [12, 6], exitCode: 0 });
  });

  it('moves its order on from round to round, unless later variants depend on earlier ones', () => {
    const variants = ['a', 'b', 'c'].map((as) => variant(as, () => ({})));
    const names = (round: number, keepsOrder?: true): string =>
      orderOf({ variants, ...(keepsOrder && { keepsOrder }) }, round)
        .map(({ as }) => as)
        .join('');
    expect([1, 2, 3, 4].map((round) => names(round))).toEqual(['abc', 'bca', 'cab', 'abc']);
    expect(names(2, true)).toBe('abc');
  });

  it('leaves out a round in which an event was lost', async () => {
    const ours = variant('ours', (round) => ({ eventsPerSecond: 1200, lost: round === 3 ? 1 : 0 }));
    const peer = variant('peer', (round) => ({ eventsPerSecond: 100 * round }));
    expect(await outcomeOf(rowOf({ variants: [ours, peer] }))).toMatchObject({ figures: [12, 6], exitCode: 0 });
  });

  it('has no number, and fails the bench, if every round lost one', async () => {
    const ours = variant('ours', () => ({ lost: 2 }));
    const outcome = await outcomeOf(rowOf({ variants: [ours, variant('peer', () => ({}))] }));
    expect(outcome).toMatchObject({ figures: [], exitCode: 1 });
    expect(outcome.reason).toContain('2 events lost');
  });

  it('has no number in a round in which a variant broke down, and says why', async () => {
    const broken: VariantUse = { as: 'ours', concurrency: 1, program: () => Promise.reject(new Error('it broke')) };
    expect((await outcomeOf(rowOf({ variants: [broken] }))).reason).toContain('it broke');
  });

  it('says why it was not run, and fails nothing', async () => {
    const outcome = await outcomeOf(rowOf({ notRun: () => 'apt-get install it' }));
    expect(outcome).toEqual(expect.objectContaining({ figures: [], reason: 'NOT RUN: apt-get install it', exitCode: 0 }));
  });

  it('measures its other variants where one cannot be run here', async () => {
    const missing: VariantUse = { ...variant('peer', () => ({})), notRun: () => 'apt-get install it' };
    const row = rowOf({
      goals: ['P1', 'P2'],
      variants: [variant('ours', () => ({ eventsPerSecond: 900 })), variant('other', () => ({})), missing],
      figures: (round) => ({ P1: round.ratio('ours', 'peer'), P2: round.ratio('ours', 'other') }),
    });
    const { outcomes, exitCode } = await runBench([row], { ...QUICK, only: ['P1', 'P2'] }, context, () => undefined);
    expect(outcomes.map(({ figures, reason }) => reason ?? figures)).toEqual(['NOT RUN: apt-get install it', [9, 9, 9]]);
    expect(exitCode).toBe(0);
  });

  it('stops the bench over what the person can put right', async () => {
    const broken: VariantUse = { as: 'ours', concurrency: 1, program: () => Promise.reject(new BenchError('no peers')) };
    await expect(outcomeOf(rowOf({ variants: [broken] }))).rejects.toThrow(BenchError);
  });
});

describe('the plan', () => {
  it('measures what was asked for in the mode that was asked for', () => {
    const { quick: _, ...fullOnly } = rowOf({ name: 'full only', goals: ['P6'] });
    const rows = [rowOf({}), fullOnly];
    const names = (options: Partial<BenchOptions>): string[] => planOf(rows, { ...QUICK, ...options }).map(({ row }) => row.name);
    expect(names({})).toEqual(['row']);
    expect(names({ mode: 'full' })).toEqual(['row', 'full only']);
    expect(names({ mode: 'full', only: ['P6'] })).toEqual(['full only']);
  });

  it('tells of every goal, also of one that nothing measures', () => {
    const outcomes = judge(ROWS, [], QUICK);
    expect(outcomes.map(({ goal }) => goal.id)).toEqual(GOALS.map(({ id }) => id));
    expect(outcomes.every((outcome) => verdictOf(outcome) === 'no number' && outcome.reason !== undefined)).toBe(true);
  });
});

describe('the rows of the bench', () => {
  it('give a number to a goal once at most, and name their variants once', () => {
    const goals = ROWS.flatMap(({ goals }) => goals);
    expect(new Set(goals).size).toBe(goals.length);
    for (const { variants } of ROWS) expect(new Set(variants.map(({ as }) => as)).size).toBe(variants.length);
  });

  it('stay within their time', () => {
    const seconds = (mode: 'quick' | 'full'): number =>
      planOf(ROWS, { ...QUICK, mode }).reduce((sum, planned) => sum + secondsOf(planned), 0);
    expect(seconds('quick')).toBeLessThan(6 * 60);
    expect(seconds('full')).toBeLessThan(30 * 60);
  });
});
