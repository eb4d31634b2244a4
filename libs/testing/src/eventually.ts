import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  readonly limitMs?: number;
  readonly pollMs?: number;
}

/**
 * Repeats an assertion until it holds and gives its result; a test never sleeps for a fixed time.
 * @throws the assertion's last error when the limit (10 s) is over
 */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  options: EventuallyOptions = {},
): Promise<Result> {
  const { limitMs = 10_000, pollMs = 50 } = options;
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}
