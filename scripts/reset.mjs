/** `npm run reset`: forgets everything the platform stored; downloads and builds are kept. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main, root, runOnNode24, say } from './bootstrap.mjs';

const program = join(root, 'tools', 'stack', 'dist', 'reset.js');

await main(() => {
  if (existsSync(program)) return runOnNode24([program]);
  say('nothing to clear: nothing was started here yet');
  return 0;
});
