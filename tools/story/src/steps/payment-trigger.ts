import { parseCloudEvent, TOPICS } from '@countersign/kafka';
import { readTopic } from '../read-topic.js';
import { FACTS } from '../story-facts.js';
import { until } from '../until.js';
import type { StepWorld } from './step-world.js';

/** Finance reads its topic: exactly one payment trigger for the line. Messages may repeat; ids say that they are the same. */
export async function playPaymentTrigger({ narrator, bus, topicPrefix }: StepWorld): Promise<void> {
  await narrator.step('finance reads exactly one payment trigger from Kafka', async () => {
    const ids = await until('the payment trigger', async () => {
      const found = new Set<string>();
      await readTopic(bus, `${topicPrefix}${TOPICS.outPaymentTrigger.name}`, (message) => {
        const event = parseCloudEvent(message);
        if ((event.data as { piid?: string }).piid === FACTS.piid) found.add(event.id);
      });
      return found.size > 0 ? found : undefined;
    });
    if (ids.size !== 1) throw new Error(`${ids.size} payment triggers for one line`);
  });
}
