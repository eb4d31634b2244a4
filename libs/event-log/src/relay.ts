import { randomUUID } from 'node:crypto';
import { RELAY_LIMITS, type RelayLimits } from './config.js';
import type { EventLog } from './event-log.js';
import type { LogRow } from './log-reader.js';
import { poolOf } from './postgres/connections.js';
import { RelayCursor, type Lead } from './postgres/relay-cursor.js';
import { WakeUp } from './wake-up.js';

/**
 * Where the relay publishes to.
 * `publish` MUST resolve only when every row is acknowledged durably by the broker: the cursor advances then, and what was lost
 * would never be sent again. Rows come in position order; a batch may come again after a failure (consumers dedupe). It MUST
 * settle in the end: a relay that stops waits for it.
 */
export interface RelaySink {
  publish(rows: readonly LogRow[]): Promise<void>;
}

export interface RelayStatus {
  /** False while another process relays this log. */
  readonly leading: boolean;
  readonly epoch: bigint;
  /** The first position that is not known to be published. */
  readonly position: bigint;
  /** Records of the log when this process last looked; `logSize - position` is the lag. */
  readonly logSize: bigint;
}

export interface RelayOptions {
  /** Names the cursor; one per sink. */
  readonly name: string;
  readonly log: Pick<EventLog, 'dataSource' | 'readLog' | 'onAppended' | 'recent'>;
  readonly sink: RelaySink;
  readonly limits?: Partial<RelayLimits>;
  /** After each change of status. */
  readonly onStatus?: (status: RelayStatus) => void;
  /** A publish or query that failed; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Relay {
  status(): RelayStatus;
  /** Ends after the batch under way and hands the lead over. */
  stop(): Promise<void>;
}

/**
 * Publishes the log in position order, at least once. Several processes may run it: one leads, by a lease with an epoch; the
 * cursor moves only after the sink's acknowledgement, and only for the current epoch. Woken by the append's notification.
 */
export function startRelay(options: RelayOptions): Relay {
  const runner = new RelayRunner(options);
  const running = runner.run();
  return {
    status: () => runner.status,
    stop: () => {
      runner.stop();
      return running;
    },
  };
}

class RelayRunner {
  // Owned by its own loop.
  status: RelayStatus = { leading: false, epoch: 0n, position: 0n, logSize: 0n };
  readonly #limits: RelayLimits;
  readonly #cursor: RelayCursor;
  readonly #wakeUp = new WakeUp();
  /** The log is known to hold the rows below this position. */
  #announced = 0n;
  /** Whether there may be more than was announced: the log has to be looked at. */
  #mustLook = true;
  #stopped = false;
  #failures = 0;
  #leadCheckedAt = 0;

  constructor(private readonly options: RelayOptions) {
    this.#limits = { ...RELAY_LIMITS, ...options.limits };
    this.#cursor = new RelayCursor(poolOf(options.log.dataSource), {
      name: options.name,
      holder: randomUUID(),
      leaseMs: this.#limits.leaseMs,
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeUp.wake();
  }

  async run(): Promise<void> {
    // Only the leader follows: a wake-up of all standbys at every append would be a query storm on the cursor.
    const endings = [
      this.options.log.recent.onAdded(() => {
        if (this.status.leading) this.#wakeUp.wake();
      }),
      this.options.log.onAppended((size) => {
        if (this.status.leading) this.#announce(size);
      }),
    ];
    let woken = true;
    while (!this.#stopped) woken = await this.#wakeUp.wait(await this.#round(woken));
    for (const end of endings) end();
    if (this.status.leading) await this.#cursor.release(this.status.epoch).catch(this.#report);
    this.#update({ leading: false });
  }

  #announce(size: bigint | undefined): void {
    if (size === undefined) this.#mustLook = true;
    else this.#announced = max(this.#announced, size);
    this.#wakeUp.wake();
  }

  /** One look at the log; gives how long to sleep. */
  async #round(woken: boolean): Promise<number> {
    try {
      const renewed = await this.#ensureLead();
      // A notification may have been missed; a renewal tells the size.
      if (!woken && !renewed) this.#mustLook = true;
      if (this.status.leading) await this.#drain();
      this.#failures = 0;
      return this.status.leading ? Math.min(this.#limits.pollMs, this.#renewalMs) : this.#renewalMs;
    } catch (error) {
      this.#failures += 1;
      this.#mustLook = true;
      this.#report(error);
      return Math.min(this.#limits.retryPauseMaxMs, this.#limits.retryPauseMs * 2 ** Math.min(this.#failures, 16));
    }
  }

  /**
   * Publishes what the log holds. The cursor follows: while it moves, the next batch is read and published already, and the one
   * after that waits for it. A relay that was suspended past its lease waits first, and finds out that it leads no more.
   */
  async #drain(): Promise<void> {
    const { epoch } = this.status;
    let { position } = this.status;
    let moving = Promise.resolve();
    try {
      while (!this.#stopped && this.status.leading) {
        const rows = await this.#rowsFrom(position);
        const last = rows.at(-1);
        if (!last || !(await this.#mayPublish(moving))) break;
        this.#update({ logSize: max(this.status.logSize, last.position + 1n) });
        await this.#publish(rows);
        position = last.position + 1n;
        await moving;
        // The rows are acknowledged. A crash before the cursor has moved publishes them again, with the same event ids.
        moving = this.#advance(epoch, position);
        moving.catch(() => undefined); // Thrown where it is awaited.
      }
    } finally {
      await moving;
    }
  }

  /** A lease that has run out by our own clock is renewed, in the next round, before anything else is published. */
  async #mayPublish(moving: Promise<void>): Promise<boolean> {
    if (!this.#leaseLasts()) await moving;
    if (this.#leaseLasts() && this.status.leading) return true;
    this.#mustLook = true;
    this.#wakeUp.wake();
    return false;
  }

  #leaseLasts(): boolean {
    return performance.now() - this.#leadCheckedAt < this.#limits.leaseMs;
  }

  /** What this process has just appended need not be read back; and nobody asks for what is not there. */
  async #rowsFrom(position: bigint): Promise<readonly LogRow[]> {
    const limit = this.#limits.batchRowsMax;
    const recent = this.options.log.recent.from(position, limit);
    if (recent.length > 0) return recent;
    if (!this.#mustLook && this.#announced <= position) return [];
    this.#mustLook = false;
    const rows = await this.options.log.readLog(position, limit);
    if (rows.length === limit) this.#mustLook = true;
    return rows;
  }

  async #advance(epoch: bigint, position: bigint): Promise<void> {
    if (!this.status.leading) return;
    const asked = performance.now();
    const moved = await this.#cursor.advance(epoch, position);
    if (moved) this.#leadCheckedAt = asked;
    this.#update(moved ? { position } : { leading: false });
  }

  /** Keeps the lease alive meanwhile. Losing it is found out when the cursor is to move. */
  async #publish(rows: readonly LogRow[]): Promise<void> {
    const renewal = setInterval(() => void this.#cursor.lead().catch(this.#report), this.#renewalMs);
    try {
      await this.options.sink.publish(rows);
    } finally {
      clearInterval(renewal);
    }
  }

  /** Whether the database was asked. */
  async #ensureLead(): Promise<boolean> {
    const now = performance.now();
    if (this.status.leading && now - this.#leadCheckedAt < this.#renewalMs) return false;
    const { leads, epoch, position, logSize }: Lead = await this.#cursor.lead();
    this.#leadCheckedAt = now;
    // A standby ignores announcements.
    if (!this.status.leading) this.#mustLook = true;
    this.#announced = max(this.#announced, logSize);
    this.#update({ leading: leads, epoch, position, logSize });
    return true;
  }

  get #renewalMs(): number {
    return this.#limits.leaseMs / 3;
  }

  #update(change: Partial<RelayStatus>): void {
    this.status = { ...this.status, ...change };
    this.options.onStatus?.(this.status);
  }

  readonly #report = (error: unknown): void => this.options.onFailure?.(error);
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
