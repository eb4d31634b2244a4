import { setTimeout as pause } from 'node:timers/promises';

import type { Logger } from '@countersign/observability';

import { LIMITS } from './config.js';

/** Repeats a step of the start while a part does not answer yet: parts of a platform come up in any order. */
export async function untilThere<Result>(dependency: string, logger: Logger, open: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + LIMITS.startRetryMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (!isOutage(error) || performance.now() > until) throw error;
      if (attempt === 1) logger.info('waits-for', { dependency, error });
      await pause(LIMITS.startRetryPauseMs);
    }
  }
}

const OUTAGE_CODES: readonly unknown[] = [
  'DEPENDENCY_UNAVAILABLE',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P03', // PostgreSQL: cannot connect now
];

function isOutage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && OUTAGE_CODES.includes(error.code);
}
