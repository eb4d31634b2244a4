export interface CoalesceLimits {
  readonly lookupsMax: number;
  readonly lookupsInFlightMax: number;
}

/**
 * Joins single lookups into few queries: what is asked while queries are under way is asked together next. No timer, so a lone
 * caller waits for nothing.
 *
 * @param load answers in the order of its keys
 */
export function coalesce<Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  limits: CoalesceLimits,
): (key: Key) => Promise<Value> {
  const queue: { readonly key: Key; resolve(value: Value): void; reject(error: unknown): void }[] = [];
  let inFlight = 0;
  let scheduled = false;

  const run = async (): Promise<void> => {
    const batch = queue.splice(0, limits.lookupsMax);
    inFlight += 1;
    try {
      const values = await load(batch.map(({ key }) => key));
      for (const [index, { resolve }] of batch.entries()) resolve(values[index] as Value);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      inFlight -= 1;
      start();
    }
  };
  const start = (): void => {
    while (queue.length > 0 && inFlight < limits.lookupsInFlightMax) void run();
  };
  return (key) =>
    new Promise<Value>((resolve, reject) => {
      queue.push({ key, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      // What is asked in the same turn of the event loop goes together.
      queueMicrotask(() => {
        scheduled = false;
        start();
      });
    });
}
