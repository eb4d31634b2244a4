import { spreadOf } from '../figures.js';
import type { Machine } from '../machine.js';
import type { Measurement } from '../measurement.js';
import type { GoalOutcome, Mode } from '../row.js';
import type { Recorded } from '../run-row.js';
import { figureText, isMissed, markdownTable, NOT_EXAMINED } from './table.js';

export interface PageContent {
  readonly mode: Mode;
  readonly machine: Machine;
  /** Of PostgreSQL. */
  readonly settings: Readonly<Record<string, string>>;
  readonly outcomes: readonly GoalOutcome[];
  readonly recorded: readonly Recorded[];
  /** File name of the picture beside the page. */
  readonly chart: string;
}

/** The page about one run; written by the bench, never by hand. */
export function pageOf(content: PageContent): string {
  const { mode, machine, settings, outcomes, recorded, chart } = content;
  const command = mode === 'full' ? 'npm run bench -- --full' : 'npm run bench';
  return [
    '# Performance',
    `<!-- Written by \`${command}\`; what limits a missed goal stands in tools/bench/src/goal.ts. -->`,
    'Every figure is a ratio to a peer or a limit measured in the same round on the same machine: absolute figures drift by half from ' +
      'hour to hour, and say little about another machine. A run whose verification failed (an event lost, doubled or not what its entry ' +
      'says) has no number. The goal is judged by the median of the rounds, the floor by every one of them; floors decide the exit code.',
    `![How far each figure is from its goal](${chart})`,
    markdownTable(outcomes),
    ...missedGoals(outcomes),
    '## Machine, versions, settings',
    machineLines(machine, settings).join('\n'),
    '## What was measured, and what it stores',
    'Medians over the rounds; processor seconds are those of the measured time. Absolute figures are for orientation only.',
    variantTable(recorded),
    '## Run it again',
    `\`npm run bench\` takes about four minutes, \`npm run bench -- --full\` about thirty and writes this page. \`--only P1,P2\` measures some goals, \`--json\` prints one line for each variant and round.`,
    '',
  ].join('\n\n');
}

function missedGoals(outcomes: readonly GoalOutcome[]): string[] {
  const missed = outcomes.filter(isMissed);
  if (missed.length === 0) return [];
  const lines = missed.map(({ goal }) => `- **${goal.id}**, ${goal.stage}: ${goal.limitedBy ?? `${NOT_EXAMINED}.`}`);
  return ['## What limits the goals that were missed', lines.join('\n')];
}

function machineLines(machine: Machine, settings: Readonly<Record<string, string>>): string[] {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${machine.cores} × ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}; one fsync took ${machine.fsyncUs} µs (median)`,
    `- ${versions.join(', ')}`,
    `- commit ${machine.commit}, measured on ${machine.measuredAt}`,
    `- PostgreSQL: ${Object.entries(settings)
      .map(([name, value]) => `\`${name}=${value}\``)
      .join(' ')}; everything durable alike (fsync, synchronous commit), one database made anew and a checkpoint before each run`,
  ];
}

const HEADINGS = ['row', 'variant', 'C', 'events/s', 'p50 ms', 'p99 ms', 'processor s', 'settings', 'stores'];

function variantTable(recorded: readonly Recorded[]): string {
  const groups = Map.groupBy(recorded, ({ row, measurement }) => `${row}\n${measurement.variant}`);
  const rows = [...groups.values()].map((runs) => variantRow(runs));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...rows.map(line)].join('\n');
}

function variantRow(runs: readonly Recorded[]): string[] {
  const [first] = runs;
  const last = runs.at(-1)?.measurement;
  if (first === undefined || last === undefined) return [];
  const median = (figure: (measurement: Measurement) => number | undefined): string => {
    const found = spreadOf(runs.flatMap(({ measurement }) => figure(measurement) ?? []));
    return found === undefined ? '–' : figureText(found.median);
  };
  const processes = [...new Set(runs.flatMap(({ measurement }) => Object.keys(measurement.cpuSeconds)))];
  return [
    first.row,
    last.variant,
    last.rate === undefined ? String(last.concurrency) : `${last.rate.toLocaleString('en-US')}/s offered`,
    median(({ eventsPerSecond }) => eventsPerSecond),
    median(({ p50Ms }) => p50Ms),
    median(({ p99Ms }) => p99Ms),
    processes.map((name) => `${name} ${median(({ cpuSeconds }) => cpuSeconds[name])}`).join(', '),
    Object.entries(last.settings ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    last.stores,
  ];
}
