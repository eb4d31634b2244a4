import type { LogRow } from '@countersign/event-log';

const PATIENCE_MS = 20_000;

/** A publisher that only counts and keeps the time: no broker, so that the way up to the publisher's call is measured by itself. */
export class CountingSink {
  /** `performance.now()` of the first delivery, by position. */
  readonly deliveredAt: number[] = [];
  deliveries = 0;
  doubled = 0;
  outOfOrder = 0;
  calls = 0;
  #next = 0;

  publish(rows: readonly LogRow[]): Promise<void> {
    const now = performance.now();
    this.calls += 1;
    for (const { position } of rows) {
      const index = Number(position);
      if (this.deliveredAt[index] === undefined) this.deliveredAt[index] = now;
      else this.doubled += 1;
      if (index !== this.#next) this.outOfOrder += 1;
      this.#next = index + 1;
      this.deliveries += 1;
    }
    return Promise.resolve();
  }

  /** Waits until as many rows were delivered; gives how many are missing in the end. */
  async missingOf(size: number): Promise<number> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.deliveries < size && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    let missing = 0;
    for (let index = 0; index < size; index += 1) if (this.deliveredAt[index] === undefined) missing += 1;
    return missing;
  }
}
