/** `npm run reset`: removes a data directory and whatever this installation made on parts that were given by address. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDataLayout } from './layout.js';
import { namespaceFromEnvironment } from './names.js';
import { Supervisor } from './parts/supervisor.js';
import { dropDatabases } from './provision/databases.js';
import { deleteTopics } from './provision/topics.js';
import { StackError } from './stack-error.js';
import { partsFromEnvironment } from './start-parts.js';

async function reset(dataDir: string): Promise<void> {
  const layout = openDataLayout(dataDir);
  // Takes the directory: a running platform refuses, leftovers of a crashed one are stopped.
  const supervisor = await Supervisor.open(layout.root);
  await supervisor.close();
  await clearGivenParts(join(layout.root, 'installation-id'));
  rmSync(layout.root, { recursive: true, force: true });
  process.stdout.write(`cleared ${layout.root}\n`);
}

async function clearGivenParts(installationFile: string): Promise<void> {
  if (!existsSync(installationFile)) return;
  const { postgresUrl, kafkaBrokers } = partsFromEnvironment();
  const namespace = namespaceFromEnvironment();
  if (postgresUrl !== undefined) {
    const dropped = await dropDatabases(postgresUrl, namespace, readFileSync(installationFile, 'utf8'));
    process.stdout.write(`dropped on the given PostgreSQL: ${dropped.join(', ') || 'nothing'}\n`);
  }
  if (kafkaBrokers !== undefined) {
    const deleted = await deleteTopics(kafkaBrokers.split(','), namespace.topic);
    process.stdout.write(`deleted on the given Kafka: ${deleted} topics\n`);
  }
}

const [dataDir] = process.argv.slice(2);
try {
  if (dataDir === undefined) throw new StackError('usage: reset <data directory>');
  await reset(dataDir);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
