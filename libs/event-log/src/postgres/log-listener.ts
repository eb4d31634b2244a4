import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const RECONNECT_PAUSE_MS = 1_000;

/** Is told the size of the log if the notification says it. */
type AppendListener = (size?: bigint) => void;

/**
 * One LISTEN connection for everything in this process that follows the log. A wake-up is a hint: after a broken connection
 * followers are woken once, as notifications may have been missed, and they poll slowly besides.
 */
export class LogListener {
  // Owned by one event log. The loop runs from the first subscription until close.
  readonly #listeners = new Set<AppendListener>();
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(private readonly pool: pg.Pool) {}

  subscribe(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    this.#loop ??= this.#run();
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#listen(signal);
      await sleep(RECONNECT_PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined); // rejects on close only
    }
  }

  /** Resolves when the connection is gone or the log is closed. */
  async #listen(signal: AbortSignal): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.pool.connect();
    } catch {
      return; // The database is away; followers poll and report it.
    }
    const gone = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload }) => this.#wakeAll(sizeIn(payload)));
    try {
      await client.query('LISTEN event_log');
      this.#wakeAll();
      await gone;
    } catch {
      // As above.
    } finally {
      client.release(true);
    }
  }

  #wakeAll(size?: bigint): void {
    for (const wake of this.#listeners) wake(size);
  }
}

/** The append's notification carries the new size; anybody who may connect could send another text. */
function sizeIn(payload: string | undefined): bigint | undefined {
  return payload !== undefined && /^[0-9]{1,18}$/.test(payload) ? BigInt(payload) : undefined;
}
