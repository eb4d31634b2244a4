import { execFile } from 'node:child_process';
import path from 'node:path';
import { REPOSITORY_ROOT } from '@countersign/stack';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const COUNTERSIGN = path.join(REPOSITORY_ROOT, 'tools', 'cli', 'bin', 'countersign.mjs');
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs `countersign` as a person would, in a process of its own. @param folder where that person stands */
export function countersign(folder: string, args: readonly string[]): Promise<CommandResult> {
  const env = { PATH: process.env['PATH'], HOME: folder };
  const options = { cwd: folder, env, maxBuffer: OUTPUT_BYTES_MAX };
  return new Promise((resolve) => {
    execFile(process.execPath, [COUNTERSIGN, ...args], options, (error, stdout, stderr) => {
      // A number is the exit code; text, like a signal, means that it did not end by itself.
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}
