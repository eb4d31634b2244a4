import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Loads a module out of a peer's own dependency tree. */
export function fromPeers<Module>(folder: string, name: string): Module {
  return createRequire(join(folder, 'package.json'))(name) as Module;
}
