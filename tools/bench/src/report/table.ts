import { spreadOf, verdictOf } from '../figures.js';
import type { Goal } from '../goal.js';
import type { GoalOutcome } from '../row.js';

/** One line of the table, in words. */
export interface TableLine {
  readonly id: string;
  readonly stage: string;
  readonly peer: string;
  readonly figures: string;
  readonly goal: string;
  readonly floor: string;
  readonly verdict: string;
}

const HEADINGS: TableLine = {
  id: '',
  stage: 'stage',
  peer: 'peer',
  figures: 'min / median / max',
  goal: 'goal',
  floor: 'floor',
  verdict: 'goal reached?',
};
const COLUMNS = Object.keys(HEADINGS) as (keyof TableLine)[];

export function lineOf(outcome: GoalOutcome): TableLine {
  const { goal, figures, reason } = outcome;
  const spread = spreadOf(figures);
  return {
    id: goal.id,
    stage: goal.stage,
    peer: goal.peer,
    figures: spread === undefined ? '–' : `${[spread.min, spread.median, spread.max].map(figureText).join(' / ')} ${goal.unit}`,
    goal: limitText(goal, goal.goal),
    floor: limitText(goal, goal.floor),
    verdict: spread === undefined ? (reason ?? 'no number') : wordOf(outcome),
  };
}

/** The table for a terminal: no column is cut, reasons stand below. */
export function terminalTable(outcomes: readonly GoalOutcome[]): string {
  const lines = outcomes.map(lineOf);
  const shown = lines.map((line) => ({ ...line, verdict: line.figures === '–' ? shorten(line.verdict) : line.verdict }));
  const widths = COLUMNS.map((column) => Math.max(...[HEADINGS, ...shown].map((line) => line[column].length)));
  const text = (line: TableLine): string =>
    COLUMNS.map((column, index) => line[column].padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const missed = outcomes
    .filter((outcome) => isMissed(outcome))
    .map(({ goal: { id, limitedBy } }) => `  ${id}: ${limitedBy ?? NOT_EXAMINED}`);
  const reasons = lines.filter(({ figures }) => figures === '–').map(({ id, verdict }) => `  ${id}: ${verdict}`);
  return [
    text(HEADINGS),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...shown.map(text),
    ...(missed.length === 0 ? [] : ['', 'Missed, and what limits them:', ...missed]),
    ...(reasons.length === 0 ? [] : ['', 'Without a number:', ...reasons]),
    '',
  ].join('\n');
}

/** Said of a missed goal that nobody has looked into. */
export const NOT_EXAMINED = 'what limits it has not been examined yet';

export function isMissed(outcome: GoalOutcome): boolean {
  return ['missed', 'below the floor'].includes(verdictOf(outcome));
}

/** The table for a page. */
export function markdownTable(outcomes: readonly GoalOutcome[]): string {
  const row = (line: TableLine): string => `| ${COLUMNS.map((column) => line[column].replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(HEADINGS), `| ${COLUMNS.map(() => '---').join(' | ')} |`, ...outcomes.map((outcome) => row(lineOf(outcome)))].join(
    '\n',
  );
}

/** Three digits that say something. */
export function figureText(figure: number): string {
  const size = Math.abs(figure);
  if (size === 0) return '0';
  if (size >= 1000) return Math.round(figure).toLocaleString('en-US');
  if (size >= 100) return figure.toFixed(0);
  if (size >= 10) return figure.toFixed(1);
  if (size >= 0.1) return figure.toFixed(2);
  return figure.toPrecision(2);
}

function limitText({ direction, unit }: Goal, limit: number | undefined): string {
  if (limit === undefined) return '';
  return `${direction === 'at least' ? '≥' : '≤'} ${figureText(limit)}${unit === '×' ? '×' : ` ${unit}`}`;
}

function wordOf(outcome: GoalOutcome): string {
  const verdict = verdictOf(outcome);
  if (verdict === 'reached') return 'yes';
  if (verdict === 'missed') return 'no';
  if (verdict === 'below the floor') return 'FLOOR MISSED';
  return 'published';
}

function shorten(reason: string): string {
  return reason.startsWith('NOT RUN') ? 'NOT RUN' : 'no number yet';
}
