import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchResult } from '../bench.js';
import type { Machine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import type { BenchContext } from '../row.js';
import type { Recorded } from '../run-row.js';
import { chartOf } from './chart.js';
import { pageOf } from './page.js';

export interface Publication {
  readonly options: BenchOptions;
  readonly context: Pick<BenchContext, 'root' | 'say'>;
  readonly machine: Machine;
  /** Of PostgreSQL. */
  readonly settings: Readonly<Record<string, string>>;
  readonly recorded: readonly Recorded[];
  readonly result: BenchResult;
}

const CHART = 'performance.svg';

/** Writes the page and the chart where that was asked for; a full run of everything writes those of the repository. */
export function publish({ options, context, machine, settings, recorded, result }: Publication): void {
  const { mode, only, out } = options;
  const isWhole = mode === 'full' && only.length === 0;
  const folder = out ?? (isWhole ? join(context.root, 'docs') : undefined);
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const { outcomes } = result;
  const subtitle = `${machine.cores} × ${machine.processor}, ${machine.measuredAt}, commit ${machine.commit}`;
  writeFileSync(join(folder, 'performance.md'), pageOf({ mode, machine, settings, outcomes, recorded, chart: CHART }));
  writeFileSync(join(folder, CHART), chartOf(outcomes, subtitle));
  if (out !== undefined)
    writeFileSync(join(folder, 'measurements.jsonl'), recorded.map((one) => `${JSON.stringify(one)}\n`).join(''));
  context.say(`wrote ${join(folder, 'performance.md')} and ${CHART}`);
}
