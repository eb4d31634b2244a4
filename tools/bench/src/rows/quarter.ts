import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from '../measurement.js';
import type { BenchContext, Row } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { howToInstallKafka } from './kafka.js';

/** A platform that hangs is given up. */
const PATIENCE_MS = 300_000;
const OUTPUT_SHOWN = 2_000;

/** What the story tells of the quarter, as far as it is used here. */
export interface QuarterFigures {
  readonly rows: number;
  readonly accepted: number;
  readonly quarantined: number;
  readonly events: number;
  readonly rowsPerSecond: number;
  readonly anchoredSeconds: number;
  readonly quietSeconds: number;
  /** Seconds by process, up to the end of all reactions. */
  readonly processorTime: Readonly<Record<string, number>>;
  readonly sumsAgree: boolean;
  readonly holds: boolean;
  readonly resumed: boolean;
}

/** The real quarter through a whole platform that is started for it, services and all. */
export const quarterRows: readonly Row[] = [
  {
    name: 'the real quarter',
    goals: ['quarter'],
    variants: [{ as: 'quarter', concurrency: 1, program: playQuarter }],
    full: { rounds: 2, warmUpSeconds: 0, seconds: 40 },
    overheadSeconds: 25,
    figures: (round) => ({ quarter: round.get('quarter')?.eventsPerSecond }),
    notRun: (context) =>
      existsSync(programIn(context)) ? howToInstallKafka(context) : 'tools/story is not built: run npm start or npm test once',
  },
];

function programIn({ root }: BenchContext): string {
  return join(root, 'tools', 'story', 'dist', 'main.js');
}

async function playQuarter(context: BenchContext, options: VariantOptions): Promise<Measurement> {
  const dataDir = join(context.scratch, `quarter-${options.round}`);
  const { output, error, code } = await runStory(context, dataDir);
  if (code !== 0 && output.trim() === '')
    throw new Error(`the story ended with exit code ${code}: ${error.slice(-OUTPUT_SHOWN).trim()}`);
  return measurementOfQuarter(options.variant, JSON.parse(output) as QuarterFigures);
}

/** Rows, not events: what a person has to import. Verified by the story itself: every log audited, all sums compared with the source's. */
export function measurementOfQuarter(variant: string, quarter: QuarterFigures): Measurement {
  const { rows, accepted, quarantined, holds, sumsAgree, resumed } = quarter;
  const findings = [
    ...(holds ? [] : ['a log or the count of rows does not hold']),
    ...(sumsAgree ? [] : ['sums differ from the source']),
    ...(resumed ? ['it went on where an earlier run had stopped'] : []),
  ];
  const [refused] = findings;
  return {
    variant,
    concurrency: 1,
    eventsPerSecond: quarter.rowsPerSecond,
    cpuSeconds: quarter.processorTime,
    errors: quarantined,
    lost: Math.max(0, rows - accepted - quarantined),
    doubled: 0,
    verified: refused === undefined,
    ...(refused !== undefined && { refused }),
    stores: `${quarter.events} events for ${rows} rows, in three logs`,
    figures: { rows, events: quarter.events, anchoredSeconds: quarter.anchoredSeconds, quietSeconds: quarter.quietSeconds },
  };
}

interface Ended {
  readonly output: string;
  readonly error: string;
  readonly code: number | null;
}

function runStory(context: BenchContext, dataDir: string): Promise<Ended> {
  const child = spawn(process.execPath, [programIn(context), '--once', '--quarter', '--json'], {
    cwd: context.root,
    env: { ...process.env, COUNTERSIGN_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // It ends its parts itself; a second signal would make it leave them.
  const end = (): boolean => child.kill('SIGTERM');
  const patience = setTimeout(end, PATIENCE_MS);
  context.signal.addEventListener('abort', end);
  const outputs = { output: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (outputs.output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outputs.error += chunk.toString()));
  return new Promise<Ended>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (code) => settle({ ...outputs, code }));
  }).finally(() => {
    clearTimeout(patience);
    context.signal.removeEventListener('abort', end);
  });
}
