/**
 * `npm run proto:check`: lints the contracts and compares them with the latest release (its tag), or, before the first
 * release, with the previous commit.
 */
import { spawnSync } from 'node:child_process';
import { root } from './bootstrap.mjs';
import { earlierVersion } from './earlier-version.mjs';

let failed = false;
run('buf', ['lint']);

const reference = earlierVersion(root, 'buf.yaml');
if (reference === undefined) process.stdout.write('buf breaking: skipped, there is no earlier version to compare with\n');
else run('buf', ['breaking', '--against', `.git#ref=${reference}`]);
process.exitCode = failed ? 1 : 0;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.stdout.write(`${command} ${args.join(' ')}: ${status === 0 ? 'ok' : 'FAILED'}\n`);
  failed ||= status !== 0;
}
