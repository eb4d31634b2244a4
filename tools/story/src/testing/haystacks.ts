import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { deadLetterTopic, TOPICS, type IncomingMessage } from '@countersign/kafka';
import { SERVICES } from '@countersign/stack';
import { readTopic } from '../read-topic.js';
import { metricsOf } from '../quiet.js';
import type { StoryRun } from './story-run.js';
import { asSuperuser } from './superuser.js';

/** A place in which a secret could turn up: its name and all its bytes. */
export interface Haystack {
  readonly name: string;
  readonly bytes: Buffer;
}

const ALIGNMENTS = 3;

/** The shapes in which a text can stand in bytes: as it is, as hex, and as base64 at any alignment. */
function shapesOf(text: string): readonly string[] {
  const base64 = Array.from({ length: ALIGNMENTS }, (_, shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
    // The first and last groups depend on what stands beside the text.
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
  return [
    text,
    Buffer.from(text).toString('hex'),
    ...base64,
    ...base64.map((encoded) => encoded.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** Names of the haystacks that hold a text in any shape. */
export function findIn(haystacks: readonly Haystack[], text: string): readonly string[] {
  const shapes = shapesOf(text);
  return haystacks.filter(({ bytes }) => shapes.some((shape) => bytes.includes(shape))).map(({ name }) => name);
}

/** Log files of all services and parts. */
export function logFiles({ platform }: StoryRun): readonly Haystack[] {
  const folder = platform.parts.layout.logs;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => ({ name: `logs/${name}`, bytes: readFileSync(path.join(folder, name)) }));
}

export async function metricsPages(run: StoryRun): Promise<readonly Haystack[]> {
  return Promise.all(
    SERVICES.map(async (service) => ({
      name: `metrics of ${service}`,
      bytes: Buffer.from(await metricsOf(run.platform, service)),
    })),
  );
}

/** What Kafka holds: keys, headers and values of the platform's own topics, keys and headers of dead letters. */
export async function topics({ bus, platform }: StoryRun): Promise<readonly Haystack[]> {
  const found: Haystack[] = [];
  for (const { name, direction } of Object.values(TOPICS)) {
    const topic = `${platform.namespace.topic}${name}`;
    // The value of a dead letter, and of a message of an ERP, is what its sender wrote.
    if (direction !== 'in') found.push({ name: topic, bytes: await bytesOf(topic, ({ value }) => value) });
    const letters = deadLetterTopic(topic);
    found.push({ name: letters, bytes: await bytesOf(letters, () => null) });
  }
  return found;

  async function bytesOf(topic: string, valueOf: (message: IncomingMessage) => Buffer | null): Promise<Buffer> {
    const parts: Buffer[] = [];
    await readTopic(bus, topic, (message) => {
      const headers = [...message.headers].flatMap(([name, values]) => [Buffer.from(`${name}: `), ...values]);
      const all = [message.key, ...headers, valueOf(message)].filter((part) => part !== null);
      parts.push(...all.flatMap((part) => [part, Buffer.from('\n')]));
    });
    return Buffer.concat(parts);
  }
}

/** Every row of every table of a database, as text. */
export async function databaseRows(
  run: StoryRun,
  database: keyof StoryRun['platform']['provisioned']['databases'],
): Promise<readonly Haystack[]> {
  return asSuperuser(run, database, async (client) => {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
    );
    const found: Haystack[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      found.push({ name: `${database}: ${name}`, bytes: Buffer.from(rows.map(({ row }) => row).join('\n')) });
    }
    return found;
  });
}
