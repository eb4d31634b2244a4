import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startOneKafka, type OneKafka } from '@countersign/stack';
import type { BenchContext, Row, VariantUse } from '../row.js';

const brokersOf = new WeakMap<BenchContext, Promise<OneKafka>>();

/** Full mode only: the broker has to be started, and Java is not on every machine. */
export const kafkaRows: readonly Row[] = [
  {
    name: 'publish to Kafka',
    goals: ['P9'],
    variants: [publishing('own', 2, true), publishing('one-send-per-event', 64, false)],
    full: { rounds: 5, warmUpSeconds: 1, seconds: 4 },
    overheadSeconds: 3,
    figures: (round) => ({ P9: round.ratio('own', 'one-send-per-event') }),
    notRun: howToInstallKafka,
  },
];

/** Why a row that needs Apache Kafka cannot be run. */
export function howToInstallKafka({ root }: BenchContext): string | undefined {
  if (existsSync(join(root, '.tools', 'kafka', 'libs'))) return undefined;
  return 'Apache Kafka is not installed: install Java 17 and Maven, then npm start or npm test installs it';
}

/** @param own our publisher, or kafkajs used plainly */
function publishing(as: string, concurrency: number, own: boolean): VariantUse {
  return {
    as,
    node: 'kafka-publish',
    concurrency,
    parameters: { own },
    reset: async (context) => ({ parameters: { brokers: (await kafkaOf(context)).brokers.join(',') } }),
  };
}

function kafkaOf(context: BenchContext): Promise<OneKafka> {
  const started = brokersOf.get(context) ?? context.keep(startOneKafka(join(context.scratch, 'kafka')));
  brokersOf.set(context, started);
  return started;
}
