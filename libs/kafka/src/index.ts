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
export { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';
// For what the port leaves out: tools that list or delete topics.
export { newKafkaClient, type KafkaConnection } from './kafkajs-client.js';
export type { Compression } from './kafkajs-publisher.js';
export { createFakeBus, type FakeBus } from './fake-bus.js';
export { LOOP_LIMITS } from './config.js';
export { runConsumer, type BatchHandler, type ConsumerOptions, type MessageHandler } from './run-consumer.js';
export { DEAD_LETTER_REASONS, DONE, outcomeOf, rejected, WAIT, type DeadLetterReason, type Outcome } from './outcome.js';
export {
  deadLetterTopic,
  ensureTopics,
  evtTopicOf,
  leavesTopicOf,
  TOPICS,
  topicsToCreate,
  type TopicDirection,
  type TopicId,
  type TopicSpec,
} from './topics.js';
export { CLOUD_EVENT_MEDIA_TYPE, headerText, parseCloudEvent, type CloudEvent } from './cloud-event.js';
export { parseStrictJson } from './strict-json.js';
export { messageSchema, validateMessageData } from './message-schema.js';
export {
  SIGNATURE_HEADER,
  signMessage,
  verifyMessageSignature,
  type MessageSigner,
  type SignedAttributes,
} from './message-signature.js';
export { readInbound, type InboundMessage } from './inbound.js';
export { DISCLOSURES_HEADER, kafkaRelaySink, type RelayRow, type RelaySinkOptions } from './relay-sink.js';
