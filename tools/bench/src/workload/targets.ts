import type { VariantOptions } from '../variant.js';
import { requisitionKey, requisitionLine, type RequisitionLine } from './requisition.js';
import { zipf } from './zipf.js';

/** What one command of a command variant adds to which stream. */
export interface Target {
  readonly key: string;
  readonly lines: readonly RequisitionLine[];
}

/** Streams that all callers want, some far more than others. */
const HOT_STREAMS = 1_000;

/** Parameters: `workload` is `new` (a stream of its own for each command) or `hot`; `eventsPerCommand`. The same for every variant. */
export function targetsOf({ parameters, round }: VariantOptions): () => Target {
  const eventsPerCommand = Number(parameters['eventsPerCommand'] ?? 1);
  const draw = parameters['workload'] === 'hot' ? zipf(HOT_STREAMS, round) : undefined;
  let made = 0;
  return () => {
    const index = made;
    made += 1;
    const key = draw === undefined ? requisitionKey(index) : requisitionKey(draw());
    return { key, lines: Array.from({ length: eventsPerCommand }, (_, line) => requisitionLine(index, line)) };
  };
}
