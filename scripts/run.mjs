/**
 * What npm runs: `node scripts/run.mjs start`, `test` or `reset`. It says what is missing when Node is too old, in words that
 * a Node as old as 12 understands, and hands over.
 */
import { howToInstallNode, isTooOld } from './node-version.mjs';

if (isTooOld()) {
  process.stderr.write('\n' + howToInstallNode('20') + '\n');
  process.exit(2);
}
const [name] = process.argv.splice(2, 1);
void import('./' + name + '.mjs');
