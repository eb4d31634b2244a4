import { createKafkaBus, newKafkaClient } from '@countersign/kafka';
import { runClosedLoop } from '../load/closed-loop.js';
import type { Measurement } from '../measurement.js';
import type { VariantOptions } from '../variant.js';
import { requisitionKey, requisitionLine } from '../workload/requisition.js';

const PARTITIONS = 4;
const MESSAGES = 20_000;
const RETRIES = 5;

interface Message {
  readonly key: string;
  readonly value: Buffer;
}

/** A way to publish some messages; resolves when all replicas have them. */
interface Publisher {
  /** Messages of one call. */
  readonly perCall: number;
  publish(messages: readonly Message[]): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Publishes to a real broker: by our publisher, a thousand a call, or by kafkajs with one send for each message. */
export async function measurePublish(options: VariantOptions): Promise<Measurement> {
  const brokers = String(options.parameters['brokers']).split(',');
  const topic = `bench.${options.variant}.${options.round}`;
  const admin = newKafkaClient({ brokers, clientId: 'bench-admin' }, RETRIES).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  const messages = Array.from({ length: MESSAGES }, (_, index) => messageOf(index));
  const publisher = await (options.parameters['own'] === true ? ourPublisher(brokers, topic) : theirPublisher(brokers, topic));
  let at = 0;
  const load = await runClosedLoop({
    options,
    call: async () => {
      const from = at;
      at = (at + publisher.perCall) % MESSAGES;
      await publisher.publish(messages.slice(from, from + publisher.perCall));
      return publisher.perCall;
    },
  });
  await publisher.close();
  const offsets = await admin.fetchTopicOffsets(topic);
  const stored = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  const { acknowledged, ...figures } = load;
  return {
    variant: options.variant,
    concurrency: options.concurrency,
    ...figures,
    lost: Math.max(0, acknowledged - stored),
    doubled: Math.max(0, stored - acknowledged),
    verified: true,
    stores: `one message of about ${messages[0]?.value.length} bytes per event, one broker, acks=all`,
    settings: { messagesPerSend: publisher.perCall, partitions: PARTITIONS },
  };
}

function ourPublisher(brokers: readonly string[], topic: string): Promise<Publisher> {
  const bus = createKafkaBus({ brokers, clientId: 'bench' });
  return Promise.resolve({ perCall: 1_000, publish: (messages) => bus.publish(topic, messages), close: () => bus.close() });
}

/** Not idempotent: that would allow one request at a time, and the peer shall have its pipeline. */
async function theirPublisher(brokers: readonly string[], topic: string): Promise<Publisher> {
  const producer = newKafkaClient({ brokers, clientId: 'bench' }, RETRIES).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return {
    perCall: 1,
    publish: (messages) => producer.send({ topic, acks: -1, messages: [...messages] }),
    close: () => producer.disconnect(),
  };
}

function messageOf(index: number): Message {
  return { key: `requisition/${requisitionKey(index)}`, value: Buffer.from(JSON.stringify(requisitionLine(index))) };
}
