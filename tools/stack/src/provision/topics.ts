import { createKafkaBus, deadLetterTopic, ensureTopics, TOPICS } from '@countersign/kafka';
import kafkajs from 'kafkajs';

const CLIENT_ID = 'countersign-stack';

/** Creates the topics of the catalogue that do not exist yet. */
export async function provisionTopics(brokers: readonly string[], topicPrefix: string): Promise<void> {
  const bus = createKafkaBus({ brokers, clientId: CLIENT_ID });
  try {
    await ensureTopics(bus, topicPrefix);
  } finally {
    await bus.close();
  }
}

/** Deletes the topics of the catalogue under this prefix, with everything in them; returns how many there were. */
export async function deleteTopics(brokers: readonly string[], topicPrefix: string): Promise<number> {
  const admin = new kafkajs.Kafka({ brokers: [...brokers], clientId: CLIENT_ID, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const ours = new Set(Object.values(TOPICS).flatMap(({ name }) => [topicPrefix + name, deadLetterTopic(topicPrefix + name)]));
    const topics = (await admin.listTopics()).filter((topic) => ours.has(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    return topics.length;
  } finally {
    await admin.disconnect();
  }
}
