import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newKafkaClient } from '@countersign/kafka';
import { REPOSITORY_ROOT, type DataLayout } from '../layout.js';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';
import {
  JAVA_ENVIRONMENT,
  JAVA_FLAGS,
  JAVA_HEAP_FLAGS,
  LOG_SETTINGS,
  newClusterId,
  READY_LINE,
  serverProperties,
} from './kafka-settings.js';
import type { PortBook } from './ports.js';
import type { Supervisor } from './supervisor.js';
import { waitUntilReady } from './wait-for.js';

export interface KafkaPart {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly own: boolean;
}

/** How often a given Kafka is asked again whether it is there. */
const PROBE_RETRIES_MAX = 1;

/**
 * Starts the Apache Kafka that Maven fetched, as one node in KRaft mode; its data is kept in the data directory.
 * @throws StackError when Java or the jars are missing
 */
export async function startKafka(layout: DataLayout, supervisor: Supervisor, ports: PortBook): Promise<KafkaPart> {
  const home = layout.at('kafka');
  const dataDir = join(home, 'log');
  mkdirSync(home, { recursive: true });
  const broker = await ports.claim('kafka');
  const controller = await ports.claim('kafka-controller');
  const properties = join(home, 'server.properties');
  const logSettings = join(home, 'log4j2.yaml');
  writeFileSync(properties, serverProperties({ broker, controller }, dataDir));
  writeFileSync(logSettings, LOG_SETTINGS);
  const java = [...JAVA_FLAGS, `-Dlog4j2.configurationFile=${logSettings}`, '-cp', jarPath()];
  if (!existsSync(join(dataDir, 'meta.properties'))) await formatStorage(java, properties);
  const child = supervisor.start({
    name: 'Apache Kafka',
    command: javaProgram(),
    args: [...JAVA_HEAP_FLAGS, ...java, 'kafka.Kafka', properties],
    env: { ...process.env, ...JAVA_ENVIRONMENT },
    cwd: home,
    logFile: join(layout.logs, 'kafka.log'),
  });
  const isReady = async (): Promise<boolean> => (await readFile(child.logFile, 'utf8')).includes(READY_LINE);
  await waitUntilReady({ child, limitMs: LIMITS.partReadyMs, isReady });
  return { brokers: [`127.0.0.1:${broker}`], own: true };
}

/**
 * Takes brokers that run elsewhere.
 * @param list `host:port[,host:port…]`
 * @throws StackError when none answers
 */
export async function givenKafka(list: string): Promise<KafkaPart> {
  const brokers = list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  if (brokers.length === 0 || !brokers.every((address) => /^[^\s/]+:\d{1,5}$/.test(address)))
    throw new StackError('COUNTERSIGN_KAFKA_BROKERS: not a list like host:9092,host:9092');
  const admin = newKafkaClient({ brokers, clientId: 'countersign-stack' }, PROBE_RETRIES_MAX).admin();
  try {
    await admin.connect();
    await admin.describeCluster();
  } catch (error) {
    throw new StackError(`COUNTERSIGN_KAFKA_BROKERS: no Apache Kafka answers at ${list}`, { cause: error });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
  return { brokers, own: false };
}

async function formatStorage(java: readonly string[], properties: string): Promise<void> {
  try {
    await promisify(execFile)(
      javaProgram(),
      [...java, 'kafka.tools.StorageTool', 'format', '-t', newClusterId(), '-c', properties],
      {
        timeout: LIMITS.partReadyMs,
      },
    );
  } catch (error) {
    const { stderr, stdout, code } = error as { stderr?: string; stdout?: string; code?: string };
    if (code === 'ENOENT')
      throw new StackError('no program java: install Java 17 or set COUNTERSIGN_KAFKA_BROKERS', { cause: error });
    throw new StackError(`Apache Kafka could not set up its data\n${stdout ?? ''}${stderr ?? ''}`.trim(), { cause: error });
  }
}

/** Sorted and explicit: the order of a `*` class path differs from one file system to the next. */
function jarPath(): string {
  const folder = join(REPOSITORY_ROOT, '.tools', 'kafka', 'libs');
  const jars = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jar')) : [];
  if (jars.length === 0)
    throw new StackError('Apache Kafka is not installed: run npm start or npm test once, or node scripts/bootstrap.mjs');
  return jars
    .toSorted()
    .map((name) => join(folder, name))
    .join(':');
}

function javaProgram(): string {
  const home = process.env['JAVA_HOME'];
  const program = home === undefined ? undefined : join(home, 'bin', 'java');
  return program !== undefined && existsSync(program) ? program : 'java';
}
