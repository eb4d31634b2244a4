import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../limits.js';
import { StackError } from '../stack-error.js';
import type { Child } from './supervisor.js';

interface Wait {
  readonly child: Child;
  readonly limitMs: number;
  /** True once the part answers; an error counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
}

/**
 * Polls until a child is ready; fails at once when it has ended.
 * @throws StackError with the end of its log
 */
export async function waitUntilReady({ child, limitMs, isReady }: Wait): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    if (!child.isRunning()) throw new StackError(`${child.name} ended while starting\n${await logTail(child.logFile)}`);
    if (await isReady().catch(() => false)) return;
    if (Date.now() > deadline) {
      throw new StackError(`${child.name} was not ready after ${limitMs / 1000} s\n${await logTail(child.logFile)}`);
    }
    await sleep(LIMITS.pollMs);
  }
}

/** The last lines of a log file, indented, under its path. */
async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LIMITS.logTailLines);
  return [`last lines of ${file}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
