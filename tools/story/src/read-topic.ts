import { randomUUID } from 'node:crypto';
import type { EventBus, IncomingMessage } from '@countersign/kafka';
import { until } from './until.js';

/** Reads a topic from its beginning to its end of now, with a group of its own. */
export async function readTopic(bus: EventBus, topic: string, visit: (message: IncomingMessage) => void): Promise<void> {
  const groupId = `story-reader-${randomUUID()}`;
  const consumption = await bus.consume({ groupId, topics: [topic] }, async (batch) => {
    batch.messages.forEach(visit);
    const next = (batch.messages.at(-1)?.offset ?? 0n) + 1n;
    await batch.commit(next);
    return { next };
  });
  try {
    await until(`the end of ${topic}`, async () => {
      if (!consumption.isJoined()) return undefined;
      return (await bus.lag(groupId, [topic])).get(topic) === 0n ? true : undefined;
    });
  } finally {
    await consumption.stop();
  }
}
