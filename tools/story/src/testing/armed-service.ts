import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { ServiceHandle } from '@countersign/stack';

/** Within this time it has come to the step, or it never will. */
const DEATH_LIMIT_MS = 60_000;

const KILL_POINT = new URL('../../../../scripts/test-parts/kill-point.mjs', import.meta.url).href;

/** A step of a service's input and output at which it is to die; see `scripts/test-parts/kill-point.mjs`. */
export interface KillPoint {
  readonly step: 'sql' | 'rpc' | 'offset-commit';
  /** Part of the SQL text, of the JSON-RPC body, or of the topic. */
  readonly match: string;
  readonly when: 'before' | 'after';
}

/**
 * Stops a service and starts it again as it was, but so that it kills itself at one step; when it has, starts it as it was before.
 *
 * @param provoke makes it come to that step
 * @param meanwhile looks at what is left while it is dead
 * @throws Error if it ends in another way
 */
export async function dieAndRestart(
  service: ServiceHandle,
  point: KillPoint,
  provoke: () => Promise<unknown>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { args, environment } = launchOf(service);
  await service.stop();
  const log = openSync(service.logFile, 'a');
  const child = spawn(process.execPath, ['--import', KILL_POINT, ...args], {
    env: { ...environment, COUNTERSIGN_KILL_POINT: JSON.stringify(point) },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  try {
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      setTimeout(() => resolve(`it still runs after ${DEATH_LIMIT_MS / 1000} s`), DEATH_LIMIT_MS).unref();
    });
    // Who provokes it may be cut off by the end he provokes.
    let refusal: unknown;
    const provoked = provoke().catch((error: unknown) => (refusal = error));
    const how = await ended;
    if (how !== 'SIGKILL') throw new Error(`${service.name} did not die at ${JSON.stringify(point)}: ${how}`, { cause: refusal });
    await provoked;
    await meanwhile();
  } finally {
    child.kill('SIGKILL');
    await service.start();
  }
}

/** How a running process was started. */
function launchOf({ pid }: ServiceHandle): { readonly args: readonly string[]; readonly environment: NodeJS.ProcessEnv } {
  if (pid === undefined) throw new Error('the service does not run');
  const read = (file: string): string[] => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').filter(Boolean);
  const environment = Object.fromEntries(
    read('environ').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { args: read('cmdline').slice(1), environment };
}
