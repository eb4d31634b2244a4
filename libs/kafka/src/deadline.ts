/** Thrown when a step did not end in time. Its outcome is unknown. */
class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/** Gives up waiting after `timeoutMs`; the step itself is not stopped, its late failure is ignored. */
export async function withDeadline<T>(step: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(`${what} did not end within ${timeoutMs} ms`)), timeoutMs);
  });
  step.catch(() => undefined);
  try {
    return await Promise.race([step, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, ending early when the signal aborts. */
export function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** Exponential backoff with full cap: initial, twice that, … at most `capMs`. `attempt` counts from 1. */
export function backoffMs(attempt: number, initialMs: number, capMs: number): number {
  return Math.min(capMs, initialMs * 2 ** Math.min(attempt - 1, 20));
}
