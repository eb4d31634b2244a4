/**
 * `npm run generate`: rewrites everything that is generated and committed.
 * `npm run generate:check`: the same, and fails when anything differed from what was there.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

/** Each generator with what it writes. */
const GENERATORS = [
  { script: 'libs/proto/scripts/generate.mjs', writes: ['libs/proto/src/gen', 'third_party'] },
  {
    script: 'contracts/evm/scripts/compile.mjs',
    writes: ['contracts/evm/artifacts', 'contracts/evm/src/log-registry.generated.ts'],
  },
  { script: 'libs/kafka/scripts/write-asyncapi.mjs', writes: ['docs/asyncapi.json'] },
];

const outputs = GENERATORS.flatMap(({ writes }) => writes);
const before = digests();
for (const { script } of GENERATORS) execFileSync(process.execPath, [join(root, script)], { cwd: root, stdio: 'inherit' });

if (process.argv.includes('--check')) {
  const after = digests();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
  for (const path of changed) process.stdout.write(`differs from what its generator writes: ${path}\n`);
  process.stdout.write(
    changed.length === 0 ? `generated files: ${after.size} are up to date\n` : 'commit what was just written\n',
  );
  process.exitCode = changed.length === 0 ? 0 : 1;
}

function digests() {
  return new Map(
    outputs.flatMap(filesUnder).map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex'),
    ]),
  );
}

function filesUnder(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (statSync(absolute).isFile()) return [path];
  return readdirSync(absolute).flatMap((name) => filesUnder(join(path, name)));
}
