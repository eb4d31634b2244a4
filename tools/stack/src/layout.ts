import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { partsFromEnvironment, type GivenParts } from './given-parts.js';

/** Root of the repository; holds for `src/` and for `dist/`, which are equally deep. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiled code that Node keeps from one start to the next: a quarter less processor time for each process. */
export const COMPILE_CACHE = join(REPOSITORY_ROOT, '.tools', 'compile-cache');

const MARK_DIGITS = 8;

/** Where one platform keeps everything it must find again after a restart. */
export interface DataLayout {
  readonly root: string;
  /** Private keys and passwords, mode 700. */
  readonly keys: string;
  /** What may be shown to anyone: registrations, verifier keys, chain identity. */
  readonly public: string;
  readonly logs: string;
  /** Path inside the data directory. */
  at(...segments: string[]): string;
}

/**
 * The data directory used when none is named: `COUNTERSIGN_DATA_DIR`, else `.countersign` in the repository. A platform
 * stays with the PostgreSQL and the Kafka it was set up on, so where one of them is given the directory carries a mark of it.
 */
export function defaultDataDir({ postgresUrl, kafkaBrokers }: GivenParts = partsFromEnvironment()): string {
  const named = process.env['COUNTERSIGN_DATA_DIR'];
  if (named !== undefined && named !== '') return resolve(named);
  const places = [postgresUrl && placeOf(postgresUrl), kafkaBrokers];
  const isOwn = places.every((place) => place === undefined);
  const mark = createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, MARK_DIGITS);
  return join(REPOSITORY_ROOT, isOwn ? '.countersign' : `.countersign-${mark}`);
}

/** Which server, whoever logs in. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/**
 * Creates the directories of a data directory.
 * The root is made enterable for others because PostgreSQL, which refuses to run as root, runs there as another user.
 */
export function openDataLayout(dataDir: string): DataLayout {
  const root = resolve(dataDir);
  const layout: DataLayout = {
    root,
    keys: join(root, 'keys'),
    public: join(root, 'public'),
    logs: join(root, 'logs'),
    at: (...segments) => join(root, ...segments),
  };
  for (const folder of [root, layout.keys, layout.public, layout.logs]) mkdirSync(folder, { recursive: true });
  chmodSync(root, 0o755);
  chmodSync(layout.keys, 0o700);
  return layout;
}
