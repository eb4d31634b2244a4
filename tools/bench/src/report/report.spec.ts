import { describe, expect, it } from '@jest/globals';
import type { Goal } from '../goal.js';
import type { GoalOutcome } from '../row.js';
import { measurementOf } from '../testing/measurements.js';
import { chartOf } from './chart.js';
import { pageOf } from './page.js';
import { figureText, lineOf, markdownTable, terminalTable } from './table.js';

const goal: Goal = { id: 'P1', stage: 'append <new> & "old"', peer: 'a|b', unit: '×', direction: 'at least', goal: 10, floor: 5 };
const reached: GoalOutcome = { goal, figures: [9, 12, 30] };
const missed: GoalOutcome = { goal: { ...goal, id: 'P2', limitedBy: 'the disk' }, figures: [6, 7, 8] };
const below: GoalOutcome = { goal: { ...goal, id: 'P5', direction: 'at most', goal: 1.25, floor: 1.5 }, figures: [1, 2, 3] };
const notRun: GoalOutcome = { goal: { ...goal, id: 'P3' }, figures: [], reason: 'NOT RUN: apt-get install it' };
const none: GoalOutcome = { goal: { ...goal, id: 'P7', goal: 0 }, figures: [0] };
const all = [reached, missed, below, notRun, none];

describe('the table', () => {
  it('shows figures, goal, floor and verdict', () => {
    expect(lineOf(reached)).toMatchObject({ figures: '9.00 / 12.0 / 30.0 ×', goal: '≥ 10.0×', floor: '≥ 5.00×', verdict: 'yes' });
    expect(lineOf(missed).verdict).toBe('no');
    expect(lineOf(below)).toMatchObject({ goal: '≤ 1.25×', verdict: 'FLOOR MISSED' });
  });

  it('says why there is no number', () => {
    expect(lineOf(notRun)).toMatchObject({ figures: '–', verdict: 'NOT RUN: apt-get install it' });
    expect(terminalTable(all)).toContain('P3: NOT RUN: apt-get install it');
  });

  it('keeps its columns on a page whatever stands in them', () => {
    const cells = markdownTable(all)
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(cells)).toEqual(new Set([9]));
  });

  it.each([
    [0, '0'],
    [0.0012, '0.0012'],
    [0.25, '0.25'],
    [9.999, '10.00'],
    [12.34, '12.3'],
    [123.4, '123'],
    [123_456.7, '123,457'],
  ])('writes %d as %s', (figure, text) => {
    expect(figureText(figure)).toBe(text);
  });
});

describe('the chart', () => {
  const chart = chartOf(all, 'a "machine" & <more>');

  it('is well formed', () => {
    expect(tagsOf(chart)).toEqual([]);
    expect(chart.replaceAll(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
  });

  it('has a bar for each goal with a figure, and none without a scale', () => {
    expect(chart.match(/<rect /g)).toHaveLength(3);
    expect(chart.match(/class="reached"/g)).toHaveLength(1);
    expect(chart.match(/class="floor"/g)).toHaveLength(1);
  });

  it('points the same way for goals that point down', () => {
    const at = (figures: readonly number[], direction: 'at least' | 'at most'): number =>
      Number(/<rect [^>]*width="([\d.]+)"/.exec(chartOf([{ goal: { ...goal, direction }, figures }], ''))?.[1]);
    expect(at([20], 'at least')).toBeGreaterThan(at([5], 'at least'));
    expect(at([5], 'at most')).toBeGreaterThan(at([20], 'at most'));
  });
});

describe('the page', () => {
  const page = pageOf({
    mode: 'full',
    machine: {
      processor: 'CPU',
      cores: 2,
      memoryGiB: 8,
      system: 'linux',
      versions: { PostgreSQL: '18.4' },
      commit: 'abc',
      fsyncUs: 200,
      measuredAt: '2026-11-22',
    },
    settings: { fsync: 'on' },
    outcomes: all,
    recorded: [1, 2, 3].map((round) => ({ row: 'a row', round, measurement: measurementOf({ eventsPerSecond: round * 100 }) })),
    chart: 'performance.svg',
  });

  it('names every missed goal with what limits it', () => {
    expect(page).toContain('- **P2**, append <new> & "old": the disk');
    expect(page).toContain('- **P5**');
    expect(page).not.toContain('- **P1**');
  });

  it('tells machine, versions, settings and medians of what was measured', () => {
    expect(page).toContain('PostgreSQL 18.4');
    expect(page).toContain('`fsync=on`');
    expect(page).toContain('| a row | ours | 1 | 200 |');
  });
});

/** Tags that are not closed in order; empty if the text is well formed as far as tags go. */
function tagsOf(xml: string): string[] {
  const open: string[] = [];
  for (const [, end, name, empty] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (empty === '/') continue;
    if (end === '') open.push(name!);
    else if (open.pop() !== name) return [`unexpected </${name}>`];
  }
  const unmatched = xml.replaceAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g, '').includes('<');
  return unmatched ? ['a < that begins no tag'] : open;
}
