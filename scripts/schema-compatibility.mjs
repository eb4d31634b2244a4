/**
 * `npm run schemas:check`: compares the Kafka topics and their JSON schemas with the latest release (its tag), or, before the
 * first release, with the previous commit, and refuses what would break an ERP. Such a change is a new topic, `.v2`.
 *
 * `node scripts/schema-compatibility.mjs <folder>` does it in another clone.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';
import { earlierVersion } from './earlier-version.mjs';
import './typescript-hooks.mjs';

const SCHEMAS = 'libs/kafka/schemas';
const TOPICS = 'libs/kafka/src/topics.ts';
const ARCHIVE_BYTES_MAX = 64 * 1024 * 1024;

const folder = resolve(process.argv[2] ?? root);
const reference = earlierVersion(folder, TOPICS);
if (reference === undefined) {
  process.stdout.write('message contracts: skipped, there is no earlier version to compare with\n');
} else {
  const { breakingChanges } = await import('../libs/kafka/src/contract/contract-changes.ts');
  const changes = breakingChanges(await contractOf(reference), await contractAt(folder));
  for (const change of changes) process.stdout.write(`${change}\n`);
  const verdict = changes.length === 0 ? 'ok' : 'FAILED; publish a new version of the topic beside this one';
  process.stdout.write(`message contracts against ${reference}: ${verdict}\n`);
  process.exitCode = changes.length === 0 ? 0 : 1;
}

/** The contract of a version, read from a copy of its files. */
async function contractOf(version) {
  const copy = mkdtempSync(join(tmpdir(), 'countersign-contract-'));
  try {
    const archive = execFileSync('git', ['archive', version, SCHEMAS, 'libs/kafka/src'], {
      cwd: folder,
      maxBuffer: ARCHIVE_BYTES_MAX,
    });
    execFileSync('tar', ['-x', '-C', copy], { input: archive });
    return await contractAt(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function contractAt(place) {
  const { TOPICS: topics } = await import(pathToFileURL(join(place, TOPICS)).href);
  const names = readdirSync(join(place, SCHEMAS)).filter((name) => name.endsWith('.json'));
  const schemas = names.map((name) => [
    name.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(place, SCHEMAS, name), 'utf8')),
  ]);
  return { topics: Object.values(topics), schemas: new Map(schemas) };
}
