import type { Effort, Row } from '../row.js';
import { append, emmett, oneStatement, pgbenchUse, typeorm } from './append-variants.js';

const QUICK: Effort = { rounds: 3, warmUpSeconds: 0.7, seconds: 1.8 };
const FULL: Effort = { rounds: 5, warmUpSeconds: 1, seconds: 4 };

/** Durable appends against the peers, and against PostgreSQL's own limit. */
export const appendRows: readonly Row[] = [
  {
    name: 'append, C=32',
    goals: ['P1', 'P1-p99', 'P4'],
    variants: [append(32), emmett(32), typeorm(32)],
    quick: QUICK,
    full: FULL,
    figures: (round) => ({
      P1: round.ratio('append', 'emmett'),
      'P1-p99': round.ratio('append', 'emmett', 'p99Ms'),
      P4: round.ratio('append', 'TypeORM'),
    }),
  },
  {
    name: 'append, C=256',
    goals: ['P2', 'P2-p99', 'P3', 'P21'],
    variants: [
      append(256),
      emmett(256),
      pgbenchUse('pgbench one', 'one event', 32),
      pgbenchUse('pgbench hundred', 'hundred events', 8),
    ],
    quick: QUICK,
    full: FULL,
    figures: (round) => ({
      P2: round.ratio('append', 'emmett'),
      'P2-p99': round.ratio('append', 'emmett', 'p99Ms'),
      P3: round.ratio('append', 'pgbench one'),
      P21: round.ratio('append', 'pgbench hundred'),
    }),
  },
  {
    name: 'lone caller',
    goals: ['P5'],
    variants: [append(1, { commands: 30_000 }), oneStatement(1)],
    quick: { rounds: 3, warmUpSeconds: 0.6, seconds: 1.2 },
    full: { rounds: 7, warmUpSeconds: 1, seconds: 3 },
    figures: (round) => ({ P5: round.ratio('append', 'one statement', 'p50Ms') }),
  },
];
