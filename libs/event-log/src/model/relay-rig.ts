import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventLog } from '../event-log.js';
import type { LogRow } from '../log-reader.js';
import { envelopeOf, packed, PARCEL } from '../parcel-fixture.js';
import { suiteLogs, type SuiteDatabase, type SuiteLogs } from '../postgres/log-fixture.js';
import { startRelay, type Relay } from '../relay.js';
import { broken } from './broken-history.js';
import { RELAYS, type RelayStep } from './relay-scripts.js';

const DEADLINE_MS = 30_000;
const POLL_MS = 5;
/** A short lease: a standby looks three times in it whether it may lead. That it runs out on a slow machine is one fault more. */
const LIMITS = { batchRowsMax: 5, pollMs: 50, retryPauseMs: 1, retryPauseMaxMs: 5, leaseMs: 240 };

/** The broker as the relays see it. Once it has acknowledged a row, the row is there. */
class Broker {
  readonly published: bigint[] = [];
  /** Rows that were acknowledged to somebody: no cursor may stand behind one that was not. */
  readonly acknowledged = new Set<bigint>();

  keep(rows: readonly LogRow[]): void {
    this.published.push(...rows.map(({ position }) => position));
  }

  acknowledge(rows: readonly LogRow[]): void {
    for (const { position } of rows) this.acknowledged.add(position);
  }
}

/** One relay's way to the broker. */
class Sink {
  next: 'answer' | 'refuse' | 'lose-acknowledgement' | 'hold' = 'answer';
  #release: () => void = () => undefined;

  constructor(private readonly broker: Broker) {}

  async publish(rows: readonly LogRow[]): Promise<void> {
    const { next } = this;
    this.next = 'answer';
    if (next === 'refuse') throw new Error('no broker');
    if (next === 'hold') await new Promise<void>((resolve) => (this.#release = resolve));
    this.broker.keep(rows);
    if (next === 'lose-acknowledgement') throw new Error('no answer');
    this.broker.acknowledge(rows);
  }

  release(): void {
    if (this.next === 'hold') this.next = 'answer';
    this.#release();
  }
}

interface Runner {
  readonly log: EventLog;
  sink: Sink;
  relay: Relay | undefined;
}

/** Relays of several processes on one log, and a broker that refuses, forgets to answer, or takes its time. */
export class RelayRig {
  #name = '';
  #base = 0n;
  #broker = new Broker();

  private constructor(
    private readonly database: SuiteDatabase & { readonly name: string },
    private readonly logs: SuiteLogs,
    private readonly superuser: DataSource,
    private readonly runners: readonly Runner[],
  ) {}

  static async open(database: SuiteDatabase & { readonly name: string }): Promise<RelayRig> {
    const logs = await suiteLogs(database);
    const superuser = await logs.connect(database.superuserUrl);
    const opened = await Promise.all(Array.from({ length: RELAYS }, () => logs.open()));
    const runners = opened.map((log) => ({ log, sink: new Sink(new Broker()), relay: undefined }));
    return new RelayRig(database, logs, superuser, runners);
  }

  async close(): Promise<void> {
    await this.#stopAll();
    await this.logs.closeAll();
  }

  /**
   * Plays a script on a cursor of its own, then lets the relays catch up, and judges what the broker has.
   *
   * @throws BrokenHistory
   */
  async run(script: readonly RelayStep[]): Promise<void> {
    await this.#begin();
    for (const step of script) {
      await this.#play(step);
      await this.#requireNothingSkipped();
    }
    for (const index of this.runners.keys()) await this.#play({ kind: 'release', relay: index });
    await this.#play({ kind: 'lease-ends' });
    await this.#play({ kind: 'start', relay: 0 });
    await this.#untilCaughtUp();
    await this.#stopAll();
    await this.#requireNothingSkipped();
    const first = [...new Set(this.#broker.published)];
    if (first.some((position, index) => position !== this.#base + BigInt(index)))
      broken('a record was published before an earlier one', { base: this.#base, published: this.#broker.published });
  }

  async #begin(): Promise<void> {
    const [first] = this.runners;
    if (!first) throw new Error('no relay');
    this.#name = randomBytes(6).toString('hex');
    this.#base = await first.log.size();
    this.#broker = new Broker();
    for (const runner of this.runners) runner.sink = new Sink(this.#broker);
    await this.superuser.query('INSERT INTO event_log.relay_cursor (name, position) VALUES ($1, $2)', [
      this.#name,
      String(this.#base),
    ]);
  }

  async #play(step: RelayStep): Promise<void> {
    if (step.kind === 'append') return this.#append(step.events);
    if (step.kind === 'lease-ends') return this.#endLease();
    if (step.kind === 'deafen') return this.#deafen();
    const runner = this.runners[step.relay];
    if (!runner) throw new Error('no such relay');
    if (step.kind === 'start') {
      runner.relay ??= startRelay({ name: this.#name, log: runner.log, sink: runner.sink, limits: LIMITS });
    } else if (step.kind === 'stop') {
      runner.sink.release(); // A relay that stops waits for its sink.
      await runner.relay?.stop();
      runner.relay = undefined;
    } else if (step.kind === 'release') {
      runner.sink.release();
    } else {
      runner.sink.next = step.kind;
    }
  }

  /** By a process that relays or by another one: what a process has just appended it may relay without reading it back. */
  async #append(events: number): Promise<void> {
    const writer = this.runners[events % this.runners.length];
    await writer?.log.journal.execute(envelopeOf(), async (unit) => {
      const parcel = await unit.open(PARCEL, randomBytes(8).toString('hex'));
      parcel.append(...Array.from({ length: events }, () => packed()));
    });
  }

  async #endLease(): Promise<void> {
    await this.superuser.query(
      `UPDATE event_log.relay_cursor SET lease_until = clock_timestamp() - interval '1 second' WHERE name = $1`,
      [this.#name],
    );
  }

  async #deafen(): Promise<void> {
    await this.superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query = 'LISTEN event_log'`,
      [this.database.name],
    );
  }

  async #cursor(): Promise<bigint> {
    const [row]: { position: string }[] = await this.superuser.query(
      'SELECT position FROM event_log.relay_cursor WHERE name = $1',
      [this.#name],
    );
    return BigInt(row?.position ?? 0);
  }

  /** What the cursor has passed, the broker has acknowledged. */
  async #requireNothingSkipped(): Promise<void> {
    const cursor = await this.#cursor();
    for (let position = this.#base; position < cursor; position += 1n)
      if (!this.#broker.acknowledged.has(position))
        broken('the cursor passed a record that nobody acknowledged', { position, cursor });
  }

  async #untilCaughtUp(): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    const size = (await this.runners[0]?.log.size()) ?? 0n;
    while ((await this.#cursor()) < size) {
      if (performance.now() > deadline) broken('the relays do not catch up', { cursor: await this.#cursor(), size });
      await sleep(POLL_MS);
    }
  }

  async #stopAll(): Promise<void> {
    for (const [index] of this.runners.entries()) await this.#play({ kind: 'stop', relay: index });
  }
}
