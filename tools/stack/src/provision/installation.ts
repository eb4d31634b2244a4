import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DataLayout } from '../layout.js';
import { keptSecret } from './kept-file.js';

/** Tells one data directory's platform from any other that uses the same parts. */
export function installationOf(layout: DataLayout): string {
  return keptSecret(join(layout.root, 'installation-id'), () => randomBytes(8).toString('hex')).toString();
}
