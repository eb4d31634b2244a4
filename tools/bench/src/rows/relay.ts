import type { BenchContext, Row, VariantUse } from '../row.js';
import type { VariantOptions } from '../variant.js';
import { sealedFile } from '../workload/sealed-file.js';

const RATE = 2_000;
/** Calls under way at most; the open loop refuses more by itself. */
const UNDER_WAY_MAX = 2_048;

/** What it costs to hand events on, and how soon they are handed on. */
export const relayRows: readonly Row[] = [
  {
    name: 'delivery after commit, 2,000/s',
    goals: ['P7', 'P7-idle', 'P7-lost'],
    variants: [delivery('relay', { poll: false }), delivery('poll-100-ms', { poll: true })],
    quick: { rounds: 3, warmUpSeconds: 0.5, seconds: 2 },
    full: { rounds: 5, warmUpSeconds: 1, seconds: 4 },
    figures: (round) => ({
      P7: round.ratio('relay', 'poll-100-ms', 'p50Ms'),
      'P7-idle': round.get('relay')?.figures?.['idleQueriesPerSecond'],
      'P7-lost': round.get('relay')?.lost,
    }),
  },
  {
    name: 'append with the relay running, C=256',
    goals: ['P8'],
    variants: [appending('relay-on', true), appending('relay-off', false)],
    quick: { rounds: 3, warmUpSeconds: 0.7, seconds: 2 },
    full: { rounds: 5, warmUpSeconds: 1, seconds: 4 },
    figures: (round) => ({ P8: round.ratio('relay-on', 'relay-off') }),
  },
];

function delivery(as: string, parameters: VariantOptions['parameters']): VariantUse {
  return {
    as,
    node: 'relay-delivery',
    concurrency: UNDER_WAY_MAX,
    reset: async (context, { number }) => {
      const found = await freshLog(context);
      // Idle seconds are spent once only.
      const idle = number === 1 && parameters['poll'] === false;
      return { ...found, rate: RATE, parameters: { ...found.parameters, ...parameters, idle } };
    },
  };
}

function appending(as: string, relay: boolean): VariantUse {
  return {
    as,
    node: 'relay-append',
    concurrency: 256,
    reset: async (context) => {
      const found = await freshLog(context);
      return { ...found, parameters: { ...found.parameters, relay } };
    },
  };
}

async function freshLog(context: BenchContext): Promise<Partial<VariantOptions>> {
  const parameters = await sealedFile(context);
  return { parameters, database: await context.freshDatabase('log'), postgresPid: (await context.postgres()).pid };
}
