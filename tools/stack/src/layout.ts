import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository; holds for `src/` and for `dist/`, which are equally deep. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiled code that Node keeps from one start to the next: a quarter less processor time for each process. */
export const COMPILE_CACHE = join(REPOSITORY_ROOT, '.tools', 'compile-cache');

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

/** The data directory used when none is named: `COUNTERSIGN_DATA_DIR`, else `.countersign/` in the repository. */
export function defaultDataDir(): string {
  return resolve(process.env['COUNTERSIGN_DATA_DIR'] ?? join(REPOSITORY_ROOT, '.countersign'));
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
