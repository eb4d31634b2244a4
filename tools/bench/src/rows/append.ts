import type { BenchContext, Row, VariantUse } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { sealedFile } from '../workload/sealed-file.js';

/** Durable appends against the peers. */
export const appendRows: readonly Row[] = [
  {
    name: 'append, C=32',
    goals: ['P1', 'P1-p99', 'P4'],
    variants: [append(32)],
    quick: { rounds: 3, warmUpSeconds: 0.7, seconds: 2 },
    full: { rounds: 5, warmUpSeconds: 1, seconds: 4 },
    figures: (round) => ({ P1: round.ratio('append', 'emmett'), 'P1-p99': round.ratio('append', 'emmett', 'p99Ms') }),
  },
];

function append(concurrency: number): VariantUse {
  return { as: 'append', node: 'append', concurrency, reset: freshLog };
}

async function freshLog(context: BenchContext): Promise<Partial<VariantOptions>> {
  const parameters = await sealedFile(context);
  return { parameters, database: await context.freshDatabase('log'), postgresPid: (await context.postgres()).pid };
}
