import type { BenchContext, Row, VariantUse } from '../row.js';
import type { VariantOptions } from '../variant.js';

/** Trees of the quick mode: the naive one takes seven seconds for a million leaves. */
const LEAVES = { quick: 200_000, full: 1_000_000 } as const;
const GROWN_LEAVES = 1_000_000;

/** Pure functions on one thread: no database, no broker. */
export const microRows: readonly Row[] = [
  {
    name: 'canonical bytes and hash',
    goals: ['P10'],
    variants: [micro('own', 'micro-hash', { own: true }), micro('canonicalize', 'micro-hash', { own: false })],
    quick: { rounds: 3, warmUpSeconds: 0.3, seconds: 0.7 },
    full: { rounds: 7, warmUpSeconds: 1, seconds: 2 },
    figures: (round) => ({ P10: round.ratio('own', 'canonicalize') }),
  },
  {
    name: 'tree integration',
    goals: ['P11', 'P11-m'],
    variants: ['own', 'naive', 'merkletreejs'].map((how) => micro(how, 'micro-tree', { how })),
    quick: { rounds: 3, warmUpSeconds: 0.1, seconds: 0.5 },
    full: { rounds: 5, warmUpSeconds: 0.1, seconds: 2 },
    overheadSeconds: 4,
    figures: (round) => ({ P11: round.ratio('own', 'naive'), 'P11-m': round.ratio('own', 'merkletreejs') }),
  },
  {
    name: 'one leaf more at 1 M leaves',
    goals: ['P12'],
    variants: ['append', 'rebuild'].map((how) => micro(how, 'micro-growth', { how, leaves: GROWN_LEAVES })),
    quick: { rounds: 2, warmUpSeconds: 0.1, seconds: 0.3 },
    full: { rounds: 5, warmUpSeconds: 0.1, seconds: 1 },
    overheadSeconds: 4,
    figures: (round) => ({ P12: round.ratio('append', 'rebuild') }),
  },
];

function micro(as: string, node: string, parameters: VariantOptions['parameters']): VariantUse {
  const reset = async (context: BenchContext): Promise<Partial<VariantOptions>> => ({
    parameters: { peers: await context.installPeers('micro'), leaves: LEAVES[context.mode], ...parameters },
  });
  return { as, node, concurrency: 1, reset };
}
