import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '@countersign/grpc';

const POLL_MS = 50;
const DEADLINE_MS = 60_000;

/** Waits for what travels through Kafka: asks until the answer is there. @throws Error when it does not come in time */
export async function until<Result>(
  what: string,
  ask: () => Promise<Result | undefined>,
  deadlineMs: number = DEADLINE_MS,
  pollMs: number = POLL_MS,
): Promise<Result> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask().catch(missing);
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what} did not come within ${deadlineMs / 1000} s`);
    await sleep(pollMs);
  }
}

/** Not there yet is an answer; everything else is a failure of the story. */
function missing(error: unknown): undefined {
  if (error instanceof CallError && error.code === 'NOT_FOUND') return undefined;
  throw error;
}
