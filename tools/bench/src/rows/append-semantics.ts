import { hasCompiler, HOW_TO_INSTALL_GCC } from '../server/slow-disk.js';
import type { BenchContext, Effort, Round, Row, VariantUse } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { append, command, emmett, slow } from './append-variants.js';

const SEVERAL: Effort = { rounds: 3, warmUpSeconds: 1, seconds: 3 };
const MANY: Effort = { rounds: 5, warmUpSeconds: 1, seconds: 3 };

/** The harness itself refuses nothing: what is refused, the log refused. */
const UNBOUNDED = 1_000_000;

/** Whole commands, hot streams, several events a command; a slow disk; and what becomes of neighbours when some commands fail. */
export const semanticsRows: readonly Row[] = [
  {
    name: 'slow disk, C=256',
    goals: ['P6'],
    variants: [append(256, { server: slow }), emmett(256, { server: slow })],
    full: MANY,
    notRun: () => (hasCompiler() ? undefined : HOW_TO_INSTALL_GCC),
    figures: (round) => ({ P6: round.ratio('append', 'emmett') }),
  },
  {
    name: 'natural keys, C=32',
    goals: ['P1k'],
    variants: [append(32, { parameters: { naturalKeys: true } }), emmett(32)],
    full: MANY,
    figures: (round) => ({ P1k: round.ratio('append', 'emmett') }),
  },
  {
    name: 'natural keys, C=256',
    goals: ['P2k'],
    variants: [append(256, { parameters: { naturalKeys: true } }), emmett(256)],
    full: MANY,
    figures: (round) => ({ P2k: round.ratio('append', 'emmett') }),
  },
  {
    name: 'whole command, C=32',
    goals: ['P1c'],
    variants: [command(32), emmett(32, { node: 'emmett-command' })],
    full: MANY,
    figures: (round) => ({ P1c: round.ratio('command', 'emmett') }),
  },
  {
    name: 'whole command, C=256',
    goals: ['P2c'],
    variants: [command(256), emmett(256, { node: 'emmett-command' })],
    full: MANY,
    figures: (round) => ({ P2c: round.ratio('command', 'emmett') }),
  },
  {
    name: 'hot streams, C=32',
    goals: ['hot'],
    variants: [command(32, { workload: 'hot' }), emmett(32, { node: 'emmett-command', parameters: { workload: 'hot' } })],
    full: SEVERAL,
    figures: (round) => ({ hot: round.ratio('command', 'emmett') }),
  },
  {
    name: 'five events a command, C=32',
    goals: ['five'],
    variants: [append(32, { parameters: { eventsPerCommand: 5 } }), emmett(32, { parameters: { eventsPerCommand: 5 } })],
    full: SEVERAL,
    figures: (round) => ({ five: round.ratio('append', 'emmett') }),
  },
  {
    name: 'failing neighbours, C=256',
    goals: ['conflicts', 'poison'],
    variants: [
      append(256, { as: 'clean' }),
      append(256, { as: 'half conflict', parameters: { conflicts: 2 } }),
      append(256, { as: 'one poisoned', parameters: { poisoned: 1 } }),
    ],
    full: MANY,
    figures: (round) => ({
      conflicts: round.ratio('half conflict', 'clean'),
      poison: round.ratio('one poisoned', 'clean'),
    }),
  },
  {
    name: 'overload',
    goals: ['overload', 'overload-p99', 'overload-memory'],
    variants: [append(256, { as: 'peak' }), offered('at 0.8 of the peak', 0.8), offered('at twice the peak', 2)],
    keepsOrder: true,
    full: SEVERAL,
    figures: (round) => ({
      overload: round.ratio('at twice the peak', 'peak'),
      'overload-p99': round.ratio('at twice the peak', 'at 0.8 of the peak', 'p99Ms'),
      'overload-memory': round.get('at twice the peak')?.figures?.['memoryGrowthMiB'],
    }),
  },
  {
    name: 'replicas',
    goals: ['replicas'],
    variants: [
      append(128, { as: 'one process', parameters: { replicas: 1 } }),
      append(128, { as: 'two processes', parameters: { replicas: 2 } }),
    ],
    full: SEVERAL,
    overheadSeconds: 3,
    figures: (round) => ({ replicas: round.ratio('two processes', 'one process') }),
  },
];

/** As many commands a second as a share of what the peak of this round was. */
function offered(as: string, share: number): VariantUse {
  const use = append(UNBOUNDED, { as });
  const reset = async (context: BenchContext, round: Round): Promise<Partial<VariantOptions>> => {
    const peak = round.measured.get('peak')?.eventsPerSecond ?? 0;
    if (peak === 0) throw new Error('the peak has no number in this round');
    return { ...(await use.reset?.(context, round)), rate: Math.round(peak * share) };
  };
  return { ...use, reset };
}
