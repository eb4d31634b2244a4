import { deadLetterTopic, headerText, type EventBus } from '@countersign/kafka';
import { readTopic } from '../read-topic.js';

/** Why rows were refused, and how often. */
export interface RefusalCount {
  /** Dead-letter reason, e.g. DOMAIN_REJECTED. */
  readonly reason: string;
  /** Error code, e.g. QUANTITY_INVALID. */
  readonly code: string;
  readonly field: string;
  readonly rule: string;
  readonly count: number;
}

/** Counts the dead letters of an `in` topic by reason; the same row refused twice counts once. */
export async function countDeadLetters(bus: EventBus, topic: string): Promise<readonly RefusalCount[]> {
  const byRow = new Map<string, Omit<RefusalCount, 'count'>>();
  await readTopic(bus, deadLetterTopic(topic), ({ headers, partition, offset }) => {
    byRow.set(headerText(headers, 'ce_id') ?? `${partition}/${offset}`, {
      reason: headerText(headers, 'x-reason') ?? '',
      code: headerText(headers, 'x-reason-code') ?? '',
      field: headerText(headers, 'x-reason-field') ?? '',
      rule: headerText(headers, 'x-reason-rule') ?? '',
    });
  });
  return tally([...byRow.values()]);
}

function tally(refusals: readonly Omit<RefusalCount, 'count'>[]): readonly RefusalCount[] {
  const counts = new Map<string, RefusalCount>();
  for (const refusal of refusals) {
    const key = JSON.stringify(refusal);
    counts.set(key, { ...refusal, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
