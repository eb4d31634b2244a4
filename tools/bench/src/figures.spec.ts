import { describe, expect, it } from '@jest/globals';
import { exitCodeOf, spreadOf, verdictOf, verifiedRound } from './figures.js';
import type { Goal } from './goal.js';
import { measurementOf } from './testing/measurements.js';

const goal: Goal = { id: 'P1', stage: 'append', peer: 'peer', unit: '×', direction: 'at least', goal: 10, floor: 5 };
const atMost: Goal = { ...goal, direction: 'at most', goal: 1.25, floor: 1.5 };

describe('spread', () => {
  it('is nothing without figures', () => {
    expect(spreadOf([])).toBeUndefined();
  });

  it('takes the middle of an odd number and the mean of the two in the middle of an even one', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ min: 1, median: 5, max: 9 });
    expect(spreadOf([4, 1, 2, 9])).toEqual({ min: 1, median: 3, max: 9 });
    expect(spreadOf([7])).toEqual({ min: 7, median: 7, max: 7 });
  });
});

describe('verdict', () => {
  it('judges the goal by the median and the floor by every round', () => {
    expect(verdictOf({ goal, figures: [9, 11, 12] })).toBe('reached');
    expect(verdictOf({ goal, figures: [6, 9, 12] })).toBe('missed');
    expect(verdictOf({ goal, figures: [4.9, 11, 12] })).toBe('below the floor');
  });

  it('turns round where less is better', () => {
    expect(verdictOf({ goal: atMost, figures: [1.1, 1.2, 1.4] })).toBe('reached');
    expect(verdictOf({ goal: atMost, figures: [1.1, 1.3, 1.4] })).toBe('missed');
    expect(verdictOf({ goal: atMost, figures: [1.1, 1.2, 1.6] })).toBe('below the floor');
  });

  it('publishes what has no goal, and says where there is no number', () => {
    const { goal: _, floor: __, ...published } = goal;
    expect(verdictOf({ goal: published, figures: [0.1] })).toBe('published');
    expect(verdictOf({ goal, figures: [] })).toBe('no number');
  });
});

describe('exit code', () => {
  it('is decided by floors alone', () => {
    expect(exitCodeOf([{ goal, figures: [6, 6, 6] }], new Set())).toBe(0);
    expect(exitCodeOf([{ goal, figures: [4, 12, 12] }], new Set())).toBe(1);
  });

  it('is 0 for a row that could not be run, 1 for one whose verification failed', () => {
    const outcomes = [{ goal, figures: [], reason: 'NOT RUN: pgbench is not installed' }];
    expect(exitCodeOf(outcomes, new Set())).toBe(0);
    expect(exitCodeOf(outcomes, new Set(['P1']))).toBe(1);
  });
});

describe('a round', () => {
  it('gives ratios of what was verified', () => {
    const round = verifiedRound(
      new Map([
        ['ours', measurementOf({ eventsPerSecond: 900, p99Ms: 2 })],
        ['peer', measurementOf({ eventsPerSecond: 100, p99Ms: 8 })],
      ]),
    );
    expect(round.ratio('ours', 'peer')).toBe(9);
    expect(round.ratio('ours', 'peer', 'p99Ms')).toBe(0.25);
    expect(round.ratio('ours', 'nobody')).toBeUndefined();
    expect(round.ratio('ours', 'peer', 'p50Ms')).toBeUndefined();
  });

  it.each([{ lost: 1 }, { doubled: 1 }, { verified: false }, { eventsPerSecond: 0 }])('gives no number with %o', (fault) => {
    const round = verifiedRound(
      new Map([
        ['ours', measurementOf(fault)],
        ['peer', measurementOf({})],
      ]),
    );
    expect(round.get('ours')).toBeUndefined();
    expect(round.ratio('ours', 'peer')).toBeUndefined();
  });
});
