/** `npm run reset`: forgets everything the platform stored; downloads and builds are kept. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CannotStart, main, root, runOnNode24, say } from './bootstrap.mjs';

const dataDir = resolve(process.env.COUNTERSIGN_DATA_DIR || join(root, '.countersign'));

await main(async () => {
  if (!existsSync(dataDir)) {
    say(`nothing to clear: there is no ${dataDir}`);
    return 0;
  }
  // Only what we made is removed: a data directory is known by the ports file that every start writes.
  if (!existsSync(join(dataDir, 'ports.json'))) throw new CannotStart(`${dataDir} holds no platform of ours: it is left alone`);
  return runOnNode24([join(root, 'tools', 'stack', 'dist', 'reset.js'), dataDir]);
});
