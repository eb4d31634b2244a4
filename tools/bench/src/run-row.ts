import { BenchError } from './bench-error.js';
import { verifiedRound } from './figures.js';
import { counts, type Measurement } from './measurement.js';
import type { BenchContext, Effort, Round, Row, VariantUse } from './row.js';
import type { VariantOptions } from './variant.js';
import { runVariantChild } from './variant-child.js';

/** One variant's run in one round, with the row it belongs to. */
export interface Recorded {
  readonly row: string;
  readonly round: number;
  readonly measurement: Measurement;
}

export interface RowResult {
  readonly row: Row;
  readonly recorded: readonly Recorded[];
  /** By goal id, one per round that gave a number. */
  readonly figures: ReadonlyMap<string, readonly number[]>;
  /** Why it, or one of its variants, was not measured. */
  readonly notRun?: string;
  /** Sentences about runs that have no number. */
  readonly refusals: readonly string[];
}

export interface RowRunner {
  readonly context: BenchContext;
  readonly effort: Effort;
  /** Told before each variant, and its measurement after. */
  onVariant(row: Row, round: number, as: string): void;
  onMeasured(recorded: Recorded): void;
}

/** Measures every variant of a row in every round, in an order that moves on from round to round. */
export async function runRow(row: Row, runner: RowRunner): Promise<RowResult> {
  const recorded: Recorded[] = [];
  const figures = new Map<string, number[]>(row.goals.map((goal) => [goal, []]));
  const reason = await row.notRun?.(runner.context);
  if (reason !== undefined) return { row, recorded, figures, refusals: [], notRun: reason };
  for (let number = 1; number <= runner.effort.rounds; number += 1) {
    const round = await runRound(row, runner, number);
    recorded.push(...round);
    const measured = new Map(round.map(({ measurement }) => [measurement.variant, measurement]));
    for (const [goal, figure] of Object.entries(row.figures(verifiedRound(measured)))) {
      if (figure !== undefined && Number.isFinite(figure)) figures.get(goal)?.push(figure);
    }
  }
  const [missing] = row.variants.flatMap((use) => use.notRun?.() ?? []);
  return { row, recorded, figures, refusals: refusalsIn(recorded), ...(missing !== undefined && { notRun: missing }) };
}

async function runRound(row: Row, runner: RowRunner, number: number): Promise<readonly Recorded[]> {
  const measured = new Map<string, Measurement>();
  const recorded: Recorded[] = [];
  for (const use of orderOf(row, number)) {
    if (use.notRun?.() !== undefined) continue;
    runner.onVariant(row, number, use.as);
    const measurement = await measure(use, { runner, round: { number, measured } });
    measured.set(use.as, measurement);
    const record = { row: row.name, round: number, measurement };
    recorded.push(record);
    runner.onMeasured(record);
  }
  return recorded;
}

function refusalsIn(recorded: readonly Recorded[]): string[] {
  return recorded.flatMap(({ row, round, measurement }) =>
    counts(measurement) ? [] : [`${row}, round ${round}, ${measurement.variant}: ${whyRefused(measurement)}`],
  );
}

/** Each round begins with the next variant, so that none always runs first. */
export function orderOf({ variants, keepsOrder }: Pick<Row, 'variants' | 'keepsOrder'>, round: number): readonly VariantUse[] {
  if (keepsOrder === true) return variants;
  const first = (round - 1) % variants.length;
  return [...variants.slice(first), ...variants.slice(0, first)];
}

async function measure(
  use: VariantUse,
  { runner, round }: { readonly runner: RowRunner; readonly round: Round },
): Promise<Measurement> {
  const { context, effort } = runner;
  context.signal.throwIfAborted();
  try {
    const found = await use.reset?.(context, round);
    const options: VariantOptions = {
      variant: use.as,
      warmUpSeconds: effort.warmUpSeconds,
      seconds: effort.seconds,
      concurrency: use.concurrency,
      round: round.number,
      scratch: context.scratch,
      ...found,
      parameters: { ...use.parameters, ...found?.parameters },
    };
    if (use.program !== undefined) return await use.program(context, options);
    return await runVariantChild(use.node ?? use.as, options, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof BenchError) throw error;
    return withoutNumber(use, error instanceof Error ? error.message : String(error));
  }
}

/** A run that failed stands in the record all the same, without a number. */
function withoutNumber(use: VariantUse, refused: string): Measurement {
  return {
    variant: use.as,
    concurrency: use.concurrency,
    eventsPerSecond: 0,
    cpuSeconds: {},
    errors: 0,
    lost: 0,
    doubled: 0,
    verified: false,
    refused,
    stores: '',
  };
}

function whyRefused({ lost, doubled, refused, firstError }: Measurement): string {
  const losses = lost + doubled > 0 ? `${lost} events lost, ${doubled} doubled` : undefined;
  return [losses, refused, firstError].filter((part) => part !== undefined).join('; ') || 'not verified';
}
