import { DomainError } from '@countersign/kernel';
import { sameBytes } from '@countersign/merkle';
import { logKey, type Broadcast, type Broadcasts } from './chain.js';

/** An anti-equivocation memory for tests: binds heads as the port demands, and tells what was recorded. */
export class RecordedBroadcasts implements Broadcasts {
  readonly all: Broadcast[] = [];
  readonly #roots = new Map<string, Uint8Array>();
  #fails = false;

  /** Makes the next `record` fail as a database does. */
  failNext(): void {
    this.#fails = true;
  }

  async record(broadcast: Broadcast): Promise<void> {
    await Promise.resolve();
    if (this.#fails) {
      this.#fails = false;
      throw new DomainError('DEPENDENCY_UNAVAILABLE', { field: 'database' });
    }
    for (const { logId, size, root } of broadcast.heads) {
      const bound = this.#roots.get(`${logKey(logId)} ${size}`);
      if (bound && !sameBytes(bound, root)) throw new DomainError('HEAD_EQUIVOCATION', { context: { size } });
    }
    for (const { logId, size, root } of broadcast.heads) this.#roots.set(`${logKey(logId)} ${size}`, root);
    this.all.push(broadcast);
  }
}
