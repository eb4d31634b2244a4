import { spreadOf, verdictOf, type Spread, type Verdict } from '../figures.js';
import type { Goal } from '../goal.js';
import type { GoalOutcome } from '../row.js';
import { figureText } from './table.js';

const WIDTH = 960;
const LABELS = 360;
const FIGURES = 110;
const ROW = 26;
const TOP = 64;
const BOTTOM = 44;
/** The scale is logarithmic: from a tenth of the goal to ten times the goal. */
const SPAN = 10;
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10];

/** Colours that carry on white and on black; text changes with the reader's scheme where that is told. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #57606a; }
    .title { font-size: 16px; font-weight: 600; }
    .small { font-size: 11px; }
    .grid { stroke: #8c959f; stroke-opacity: 0.35; }
    .goal { stroke: #8250df; stroke-width: 2; }
    .spread { stroke: #8c959f; stroke-width: 2; }
    .reached { fill: #2da44e; }
    .missed { fill: #d4880f; }
    .floor { fill: #cf222e; }
    .mark { stroke: #cf222e; stroke-width: 2; }
    @media (prefers-color-scheme: dark) { text { fill: #c9d1d9; } .goal { stroke: #a371f7; } }`;

const CLASSES: Readonly<Record<Verdict, string>> = {
  reached: 'reached',
  missed: 'missed',
  'below the floor': 'floor',
  published: 'missed',
  'no number': 'missed',
};

/**
 * Every goal with a figure as a bar: how far its median is along the way to the goal (right of the line: reached), with the
 * spread over rounds and the floor. One picture without a script, as text that any browser shows.
 */
export function chartOf(outcomes: readonly GoalOutcome[], subtitle: string): string {
  const bars = outcomes.flatMap(barOf);
  const height = TOP + bars.length * ROW + BOTTOM;
  const ticks = TICKS.map((tick) => {
    const x = at(tick);
    const name = tick === 1 ? 'goal' : `${tick}×`;
    return (
      `<line class="${tick === 1 ? 'goal' : 'grid'}" x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${height - BOTTOM}"/>` +
      `<text class="small" x="${x}" y="${height - BOTTOM + 16}" text-anchor="middle">${name}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Goals and figures">`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="12" y="24">How far each figure is from its goal</text>`,
    `<text class="small" x="12" y="42">${escapeXml(subtitle)}</text>`,
    ...ticks,
    ...bars.map((bar, index) => drawn(bar, TOP + index * ROW)),
    `<text class="small" x="12" y="${height - 10}">bar: median · grey: least and most of the rounds · red stroke: floor</text>`,
    '</svg>',
    '',
  ].join('\n');
}

interface Bar {
  readonly goal: Goal;
  readonly verdict: Verdict;
  readonly median: number;
  /** Shares of the goal; 1 is the goal, more is better, whichever way the goal points. */
  readonly share: Spread;
  readonly floor: number | undefined;
}

/** Goals of zero have no scale; what is only published has no goal. */
function barOf(outcome: GoalOutcome): Bar[] {
  const { goal } = outcome;
  const spread = spreadOf(outcome.figures);
  if (spread === undefined || goal.goal === undefined || goal.goal === 0) return [];
  const share = shareOf(goal, goal.goal);
  const ends = [share(spread.min), share(spread.max)] as const;
  const shares = { min: Math.min(...ends), median: share(spread.median), max: Math.max(...ends) };
  const floor = goal.floor === undefined ? undefined : share(goal.floor);
  return [{ goal, verdict: verdictOf(outcome), median: spread.median, share: shares, floor }];
}

function shareOf({ direction }: Goal, goal: number): (figure: number) => number {
  return direction === 'at least' ? (figure) => figure / goal : (figure) => (figure === 0 ? SPAN : goal / figure);
}

function drawn({ goal, verdict, median, share, floor }: Bar, y: number): string {
  const middle = y + ROW / 2;
  const left = at(1 / SPAN);
  const mark =
    floor === undefined ? '' : `<line class="mark" x1="${at(floor)}" y1="${y + 5}" x2="${at(floor)}" y2="${y + ROW - 5}"/>`;
  return [
    `<text x="12" y="${middle + 4}">${escapeXml(shorten(`${goal.id}  ${goal.stage}`))}</text>`,
    `<rect class="${CLASSES[verdict]}" x="${left}" y="${y + 6}" width="${Math.max(1, at(share.median) - left)}" height="${ROW - 12}" rx="2"/>`,
    `<line class="spread" x1="${at(share.min)}" y1="${middle}" x2="${at(share.max)}" y2="${middle}"/>`,
    mark,
    `<text x="${WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(`${figureText(median)} ${goal.unit}`)}</text>`,
  ].join('');
}

const LABEL_LENGTH = 50;

function shorten(label: string): string {
  return label.length <= LABEL_LENGTH ? label : `${label.slice(0, LABEL_LENGTH - 1)}…`;
}

/** Where a share of the goal lies, cut at both ends. */
function at(share: number): number {
  const bounded = Math.min(SPAN, Math.max(1 / SPAN, share));
  const width = WIDTH - LABELS - FIGURES;
  return Math.round((LABELS + ((Math.log10(bounded) + 1) / 2) * width) * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
