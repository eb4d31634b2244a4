import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../config.js';
import { unavailable } from './json-rpc.js';

/** Looks until there is something. @throws DomainError DEPENDENCY_UNAVAILABLE when the time is up */
export async function pollUntil<Result>(timeoutMs: number, look: () => Promise<Result | undefined>): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await look();
    if (result !== undefined) return result;
    if (Date.now() >= deadline) throw unavailable('the transaction is in no block yet');
    await sleep(LIMITS.pollMinMs);
  }
}
