/** `npm run reset`: removes a data directory and whatever this installation made on parts that were given by address. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { partsFromEnvironment } from './given-parts.js';
import { defaultDataDir, openDataLayout, type DataLayout } from './layout.js';
import { namespaceFromEnvironment } from './names.js';
import { Supervisor } from './parts/supervisor.js';
import { DATABASES_MADE, dropDatabases } from './provision/databases.js';
import { installationOf } from './provision/installation.js';
import { deleteTopics, ownsTopics, TOPICS_MADE } from './provision/topics.js';
import { StackError } from './stack-error.js';

const KNOWN_BY = ['ports.json', 'installation-id', 'running.json'];

async function reset(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) {
    process.stdout.write(`nothing to clear: there is no ${dataDir}\n`);
    return;
  }
  // Only what we made is removed: a data directory is known by the files that every start writes.
  if (!KNOWN_BY.some((name) => existsSync(join(dataDir, name))))
    throw new StackError(`${dataDir} holds no platform of ours: it is left alone`);
  const layout = openDataLayout(dataDir);
  // Takes the directory: a running platform refuses, leftovers of a crashed one are stopped.
  const supervisor = await Supervisor.open(layout.root);
  await supervisor.close();
  await clearGivenParts(layout);
  rmSync(layout.root, { recursive: true, force: true });
  process.stdout.write(`cleared ${layout.root}\n`);
}

async function clearGivenParts(layout: DataLayout): Promise<void> {
  const { postgresUrl, kafkaBrokers } = partsFromEnvironment();
  const namespace = namespaceFromEnvironment();
  requireAddress(layout, DATABASES_MADE, 'COUNTERSIGN_POSTGRES_URL', postgresUrl);
  requireAddress(layout, TOPICS_MADE, 'COUNTERSIGN_KAFKA_BROKERS', kafkaBrokers);
  if (postgresUrl !== undefined) {
    const dropped = await dropDatabases(postgresUrl, namespace, installationOf(layout));
    process.stdout.write(`dropped on the given PostgreSQL: ${dropped.join(', ') || 'nothing'}\n`);
  }
  if (kafkaBrokers !== undefined) {
    const brokers = kafkaBrokers.split(',');
    const isOurs = await ownsTopics(brokers, namespace.topic, installationOf(layout));
    process.stdout.write(`deleted on the given Kafka: ${isOurs ? await deleteTopics(brokers, namespace.topic) : 0} topics\n`);
  }
}

/** @throws StackError when what was made stands on a given part whose address is not given now */
function requireAddress(layout: DataLayout, marker: string, variable: string, address: string | undefined): void {
  const place = existsSync(layout.at(marker)) ? readFileSync(layout.at(marker), 'utf8') : '';
  if (place === '' || address !== undefined) return;
  throw new StackError(
    `what this platform made at ${place} would stay there: set ${variable} to clear it too, or remove ${layout.root} yourself`,
  );
}

const [dataDir] = process.argv.slice(2);
try {
  await reset(dataDir ?? defaultDataDir());
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
