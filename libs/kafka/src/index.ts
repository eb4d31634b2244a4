export type {
  BatchProgress,
  Consumption,
  EventBus,
  IncomingHeaders,
  IncomingMessage,
  OutgoingMessage,
  PartitionBatch,
  PartitionHandler,
  Subscription,
  TopicMessages,
  TopicToCreate,
} from './event-bus.js';
export { silentLog, type BusLog } from './bus-log.js';
export { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';
export type { KafkaConnection } from './kafkajs-client.js';
export type { Compression } from './kafkajs-publisher.js';
export { createFakeBus, type FakeBus } from './fake-bus.js';
