import { createFakeBus } from './fake-bus.js';
import { eventBusContract } from './event-bus-contract.js';
import type { EventBus } from './event-bus.js';

eventBusContract('The fake bus', () => {
  const bus = createFakeBus();
  // Another client of the same broker is the same memory; only its own consumers end with it.
  const another = (): EventBus => ({
    publish: (topic, messages) => bus.publish(topic, messages),
    publishAll: (batches) => bus.publishAll(batches),
    consume: (subscription, handler) => bus.consume(subscription, handler),
    createTopics: (topics) => bus.createTopics(topics),
    lag: (groupId, topics) => bus.lag(groupId, topics),
    ping: () => bus.ping(),
    close: () => Promise.resolve(),
  });
  return Promise.resolve({ bus, another });
});
