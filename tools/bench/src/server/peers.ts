import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../bench-error.js';

const STAMP = '.installed';

/**
 * Installs the peers of one dependency tree by its lock file, unless that was done already. They are no workspace: no version
 * of theirs may influence ours, nor the other way round.
 *
 * @returns the directory
 * @throws BenchError
 */
export async function installPeers(root: string, name: string, say: (line: string) => void): Promise<string> {
  const folder = join(root, 'tools', 'bench', 'peers', name);
  const stamp = join(folder, 'node_modules', STAMP);
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder;
  say(`installing the peers ${name} (npm ci, once)`);
  const { code, output } = await runNpm(folder);
  if (code !== 0) throw new BenchError(`npm ci failed in tools/bench/peers/${name} (exit code ${code}):\n${output.trim()}`);
  writeFileSync(stamp, wanted);
  return folder;
}

function runNpm(cwd: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const args = ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
  return new Promise((settle) => {
    // A copy of the settings of the npm that called us would make this one think it is in the workspace.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^npm_(config_local_prefix|package|lifecycle)/.test(key)),
    );
    const child = spawn('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => settle({ code: null, output: error.message }));
    child.once('close', (code) => settle({ code, output }));
  });
}
