import { randomUUID } from 'node:crypto';
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka';

/** A record in the terms of a Kafka client that is not ours. */
export interface ForeignRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Publishes with a client that shares no code with the platform's. */
export async function publishForeign(brokers: readonly string[], records: readonly ForeignRecord[]): Promise<void> {
  const producer = new Producer({ clientId: 'foreign-erp', bootstrapBrokers: [...brokers] });
  try {
    await producer.send({
      messages: records.map(({ topic, key, value, headers }) => ({
        topic,
        key: Buffer.from(key),
        value,
        headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
      })),
    });
  } finally {
    await producer.close();
  }
}

/** Reads a topic from its beginning until enough was seen. @param isEnough asked after each record, with all so far */
export async function readForeign(
  brokers: readonly string[],
  topic: string,
  isEnough: (records: readonly ForeignRecord[]) => boolean,
): Promise<readonly ForeignRecord[]> {
  const consumer = new Consumer({
    groupId: `foreign-${randomUUID()}`,
    clientId: 'foreign-finance',
    bootstrapBrokers: [...brokers],
  });
  const records: ForeignRecord[] = [];
  try {
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      maxWaitTime: 250,
      autocommit: false,
    });
    for await (const { key, value, headers } of stream) {
      const texts = [...headers].map(([name, bytes]) => [String(name), String(bytes)] as const);
      records.push({ topic, key: String(key), value, headers: Object.fromEntries(texts) });
      if (isEnough(records)) break;
    }
  } finally {
    await consumer.close(true);
  }
  return records;
}
