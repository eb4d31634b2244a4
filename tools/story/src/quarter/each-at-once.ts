/** Runs work over all items, at most `width` at a time; the first failure ends it. */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const pending = items.values();
  const worker = async (): Promise<void> => {
    // One iterator for all workers: each takes the next item as soon as it is free.
    for (const item of pending) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
