import type { EntityManager } from 'typeorm';
import { PROJECTION_LIMITS, type FollowLimits } from './config.js';
import type { EventLog } from './event-log.js';
import { requireIntact, type IntactRow } from './row-opening.js';
import { WakeUp } from './wake-up.js';

/** A read model's writer. Both run in the transaction that moves the cursor, so each row takes effect exactly once. */
export interface ProjectionHandler {
  /** Rows in position order. An event type it does not care about is to be skipped, not refused. */
  project(rows: readonly IntactRow[], manager: EntityManager): Promise<void>;
  /** Empties the read model. */
  clear(manager: EntityManager): Promise<void>;
}

export interface ProjectionOptions {
  /** Names the cursor. */
  readonly name: string;
  readonly log: Pick<EventLog, 'dataSource' | 'size' | 'readLog' | 'openRows' | 'onAppended'>;
  readonly handler: ProjectionHandler;
  readonly limits?: Partial<FollowLimits>;
  /** A batch that failed; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Projection {
  /** The first position that is not in the read model, as far as this process knows. */
  position(): bigint;
  /** Empties the read model and projects the log from its beginning. */
  rebuild(): Promise<void>;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
}

const INSERT_CURSOR = 'INSERT INTO event_log.projection (name) VALUES ($1) ON CONFLICT DO NOTHING';
const READ_CURSOR = 'SELECT position FROM event_log.projection WHERE name = $1';
const LOCK_CURSOR = `${READ_CURSOR} FOR UPDATE`;
const MOVE_CURSOR = 'UPDATE event_log.projection SET position = $2 WHERE name = $1';

/** Keeps a read model up with the log. Several processes may run it; they take turns at the cursor's lock. */
export function runProjection(options: ProjectionOptions): Projection {
  const runner = new ProjectionRunner(options);
  const running = runner.run();
  return {
    position: () => runner.position,
    rebuild: () => runner.rebuild(),
    stop: () => {
      runner.stop();
      return running;
    },
  };
}

class ProjectionRunner {
  // Owned by its own loop; the truth is the cursor in the database.
  position = 0n;
  readonly #limits: FollowLimits;
  readonly #wakeUp = new WakeUp();
  #stopped = false;
  #failures = 0;

  constructor(private readonly options: ProjectionOptions) {
    this.#limits = { ...PROJECTION_LIMITS, ...options.limits };
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeUp.wake();
  }

  async run(): Promise<void> {
    const unsubscribe = this.options.log.onAppended(() => this.#wakeUp.wake());
    while (!this.#stopped) await this.#wakeUp.wait(await this.#round());
    unsubscribe();
  }

  async rebuild(): Promise<void> {
    const { name, handler, log } = this.options;
    await log.dataSource.transaction(async (manager) => {
      await manager.query(INSERT_CURSOR, [name]);
      await manager.query(LOCK_CURSOR, [name]);
      await handler.clear(manager);
      await manager.query(MOVE_CURSOR, [name, '0']);
    });
    this.position = 0n;
    this.#wakeUp.wake();
  }

  async #round(): Promise<number> {
    try {
      while (!this.#stopped && (await this.#step()));
      this.#failures = 0;
      return this.#limits.pollMs;
    } catch (error) {
      this.#failures += 1;
      this.options.onFailure?.(error);
      return Math.min(this.#limits.retryPauseMaxMs, this.#limits.retryPauseMs * 2 ** Math.min(this.#failures, 16));
    }
  }

  /** Projects one batch; false if there is none. Keys are fetched before the transaction, which holds the cursor's lock. */
  async #step(): Promise<boolean> {
    const { log, name, handler } = this.options;
    await log.dataSource.query(INSERT_CURSOR, [name]);
    const from = cursorOf(await log.dataSource.query(READ_CURSOR, [name]));
    this.position = from;
    const rows = (await log.openRows(await log.readLog(from, this.#limits.batchRowsMax))).map(requireIntact);
    const last = rows.at(-1);
    if (!last) return false;
    const next = last.row.position + 1n;
    await log.dataSource.transaction(async (manager) => {
      if (cursorOf(await manager.query(LOCK_CURSOR, [name])) !== from) return; // Another process was quicker, or a rebuild began.
      await handler.project(rows, manager);
      await manager.query(MOVE_CURSOR, [name, String(next)]);
      this.position = next;
    });
    return true;
  }
}

function cursorOf(rows: unknown): bigint {
  const [row] = rows as readonly { readonly position: string }[];
  return BigInt(row?.position ?? 0);
}
