import { existsSync } from 'node:fs';
import { createKafkaBus, deadLetterTopic, ensureTopics, newKafkaClient, TOPICS, type EventBus } from '@countersign/kafka';
import type { Admin } from 'kafkajs';
import type { DataLayout } from '../layout.js';
import type { KafkaPart } from '../parts/kafka.js';
import { StackError } from '../stack-error.js';
import { installationOf } from './installation.js';
import { writePublicFile } from './kept-file.js';

const CLIENT_ID = 'countersign-stack';
const RETRIES_MAX = 3;

/** Stands in the data directory once its topics were made; names the brokers if they were given. */
export const TOPICS_MADE = 'topics-made';

/** An empty topic by whose name an installation marks the topics of a prefix as its own. */
const MARK = 'countersign.installation.';

/**
 * Marks the topics under this prefix as those of this installation, so that two never publish into the same ones.
 * @throws StackError when they are another installation's, or when this one published elsewhere before
 */
export async function claimTopics(layout: DataLayout, { brokers, own: isOwn }: KafkaPart, topicPrefix: string): Promise<void> {
  const own = `${topicPrefix}${MARK}${installationOf(layout)}`;
  const madeBefore = layout.at(TOPICS_MADE);
  await asAdmin(brokers, async (admin) => {
    const marks = (await admin.listTopics()).filter((topic) => topic.startsWith(`${topicPrefix}${MARK}`));
    if (marks.some((mark) => mark !== own)) {
      throw new StackError(
        `the Apache Kafka at ${brokers.join(',')} already holds the topics of another installation:\n` +
          '  set COUNTERSIGN_TOPIC_PREFIX to a word of this one, or use the data directory that belongs to them (COUNTERSIGN_DATA_DIR)',
      );
    }
    if (marks.length === 0 && existsSync(madeBefore)) {
      throw new StackError(
        `the Apache Kafka at ${brokers.join(',')} is not the one this data directory published to; what it published is not there:\n` +
          '  set COUNTERSIGN_DATA_DIR to another directory, or clear this one (npm run reset)',
      );
    }
  });
  await withBus(brokers, (bus) => bus.createTopics([{ topic: own, partitions: 1 }]));
  writePublicFile(madeBefore, isOwn ? '' : brokers.join(','));
}

/** Whether the topics under this prefix are those of this installation. */
export function ownsTopics(brokers: readonly string[], topicPrefix: string, installation: string): Promise<boolean> {
  return asAdmin(brokers, async (admin) => (await admin.listTopics()).includes(`${topicPrefix}${MARK}${installation}`));
}

/** Creates the topics of the catalogue that do not exist yet. */
export function provisionTopics(brokers: readonly string[], topicPrefix: string): Promise<void> {
  return withBus(brokers, (bus) => ensureTopics(bus, topicPrefix));
}

/** Deletes the topics of the catalogue under this prefix, with everything in them; returns how many there were. */
export async function deleteTopics(brokers: readonly string[], topicPrefix: string): Promise<number> {
  return asAdmin(brokers, async (admin) => {
    const catalogue = new Set(
      Object.values(TOPICS).flatMap(({ name }) => [topicPrefix + name, deadLetterTopic(topicPrefix + name)]),
    );
    const topics = (await admin.listTopics()).filter(
      (topic) => catalogue.has(topic) || topic.startsWith(`${topicPrefix}${MARK}`),
    );
    if (topics.length > 0) await admin.deleteTopics({ topics });
    return topics.length;
  });
}

/** @throws StackError when the brokers do not answer or refuse */
async function withBus(brokers: readonly string[], work: (bus: EventBus) => Promise<void>): Promise<void> {
  const bus = createKafkaBus({ brokers, clientId: CLIENT_ID });
  try {
    await work(bus);
  } catch (error) {
    throw refusal(brokers, error);
  } finally {
    await bus.close();
  }
}

/** @throws StackError when the brokers do not answer or refuse, and what the work throws of that kind */
async function asAdmin<Result>(brokers: readonly string[], work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = newKafkaClient({ brokers, clientId: CLIENT_ID }, RETRIES_MAX).admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw error instanceof StackError ? error : refusal(brokers, error);
  } finally {
    await admin.disconnect();
  }
}

function refusal(brokers: readonly string[], error: unknown): StackError {
  return new StackError(`Apache Kafka at ${brokers.join(',')}: ${(error as Error).message}`, { cause: error });
}
