import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchResult } from '../bench.js';
import type { Machine } from '../machine.js';
import type { BenchOptions } from '../options.js';
import type { BenchContext } from '../row.js';
import type { Recorded } from '../run-row.js';

export interface Publication {
  readonly options: BenchOptions;
  readonly context: Pick<BenchContext, 'root' | 'say'>;
  readonly machine: Machine;
  /** Of PostgreSQL. */
  readonly settings: Readonly<Record<string, string>>;
  readonly recorded: readonly Recorded[];
  readonly result: BenchResult;
}

/** Writes the page, the chart and the measurements, where that was asked for. */
export function publish({ options, recorded }: Publication): void {
  if (options.out === undefined) return;
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'measurements.jsonl'), recorded.map((one) => `${JSON.stringify(one)}\n`).join(''));
}
