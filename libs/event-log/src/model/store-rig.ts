import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { AppendLimits } from '../config.js';
import { openLogStore, type OpenLogStore } from '../log-store-opening.js';
import { startCuttingProxy, type Cut, type CuttingProxy } from '../postgres/cutting-proxy-fixture.js';
import { createLogDataSource } from '../postgres/data-source.js';
import { suiteLogs, type SuiteDatabase, type SuiteLogs } from '../postgres/log-fixture.js';
import { broken } from './broken-history.js';
import { History } from './history.js';
import { ClientView, type Intent } from './intents.js';
import { verifyHistory } from './verify-history.js';

/** Name under which writers connect, so that exactly their sessions can be ended. */
const WRITER = 'model-writer';
/** The prepared statement that appends: the mark by which its message is cut on the wire. */
const APPEND_STATEMENT = 'event-log-append';
/** Page of the final reading. */
const PAGE_ROWS = 1_000;

/** How long sessions that were told to end may take for it. */
const END_LIMIT_MS = 10_000;
const END_POLL_MS = 5;

/** A database of a suite, which it drops itself: `TestDatabase` of the harness is one. */
export type RigDatabase = SuiteDatabase & { readonly name: string };

interface Writer {
  readonly store: OpenLogStore;
  readonly dataSource: DataSource;
  readonly proxy: CuttingProxy;
}

/** Writers on one log over links that can be cut, and one observer whose link cannot. */
export class StoreRig {
  #run = new History();
  #view = new ClientView('none');
  #base = 0n;
  #mayRunOn = false;

  private constructor(
    private readonly database: RigDatabase,
    private readonly logs: SuiteLogs,
    private readonly writers: readonly Writer[],
    private readonly observer: OpenLogStore,
    private readonly superuser: DataSource,
  ) {}

  /** @param limits of each writer, in order; the first ones patient, as a service is, or not */
  static async open(database: RigDatabase, limits: readonly Partial<AppendLimits>[]): Promise<StoreRig> {
    const logs = await suiteLogs(database);
    await logs.open(); // writes LogOpened
    const writers = await Promise.all(
      limits.map(async (own) => {
        const proxy = await startCuttingProxy(database.appUrl);
        const dataSource = await createLogDataSource({ url: proxy.url, applicationName: WRITER, poolSize: 3 }).initialize();
        return { proxy, dataSource, store: openLogStore(dataSource, own) };
      }),
    );
    const observer = openLogStore(await logs.connect(database.appUrl));
    return new StoreRig(database, logs, writers, observer, await logs.connect(database.superuserUrl));
  }

  async close(): Promise<void> {
    for (const { store, dataSource, proxy } of this.writers) {
      await store.close();
      await dataSource.destroy();
      await proxy.close();
    }
    await this.observer.close();
    await this.logs.closeAll();
  }

  get history(): History {
    return this.#run;
  }

  /** Begins a run of its own on the log: streams, subjects and ids that no other run has. */
  async begin(): Promise<void> {
    this.#base = await this.observer.rows.size();
    this.#run = new History();
    this.#view = new ClientView(randomBytes(6).toString('hex'));
    this.#mayRunOn = false;
  }

  /** Sends commands at the same time, dealt out to the writers in turn. */
  async send(intents: readonly Intent[]): Promise<void> {
    const attempts = intents.map((intent, index) => {
      const command = this.#view.prepare(intent);
      const writer = this.writers[index % this.writers.length];
      if (!writer) throw new Error('no writer');
      return this.#run.record(command, () => writer.store.append(command.prepared));
    });
    let isUnknown = false;
    for (const { command, outcome } of await Promise.all(attempts)) {
      if (outcome.kind === 'unknown') isUnknown = true;
      else if (outcome.kind !== 'refused') this.#view.learn(command, outcome.kind);
    }
    this.#mayRunOn ||= isUnknown;
    if (isUnknown) await this.#view.refresh(async (streamId) => (await this.observer.loadStream(streamId, 0n)).nextSequence);
  }

  /** The next append of a writer is lost on its way, or its answer is. */
  cut(writer: number, cut: Cut): void {
    this.#mayRunOn = true;
    this.writers[writer % this.writers.length]?.proxy.cutOnce(APPEND_STATEMENT, cut);
  }

  /** How often a link was cut so far. */
  get cuts(): number {
    return this.writers.reduce((sum, { proxy }) => sum + proxy.cuts(), 0);
  }

  /** Ends the sessions of all writers, whatever they are doing. Gives how many there were. */
  async endBackends(): Promise<number> {
    this.#mayRunOn = true;
    const ended: unknown[] = await this.superuser.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = $2',
      [this.database.name, WRITER],
    );
    return ended.length;
  }

  /** Runs something while another session holds the lock of the log's head for so long. */
  async whileHeadIsHeld(holdMs: number, work: () => Promise<void>): Promise<void> {
    this.#mayRunOn = true;
    const holder = this.superuser.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM event_log.log_head FOR UPDATE');
    const working = work();
    await sleep(holdMs); // the fault itself: nothing can be polled for
    await holder.rollbackTransaction();
    await holder.release();
    await working;
  }

  /** Waits until nothing of the run can change the log any more, and judges its history. */
  async verify(): Promise<void> {
    if (this.#mayRunOn) await this.#settleDown();
    const rows = [];
    for (;;) {
      const page = await this.observer.rows.readLog(this.#base + BigInt(rows.length), PAGE_ROWS);
      rows.push(...page);
      if (page.length < PAGE_ROWS) break;
    }
    if (this.#base + BigInt(rows.length) !== (await this.observer.rows.size())) broken('size and rows differ');
    await verifyHistory(
      this.#run.attempts,
      {
        rows,
        findCommand: (key) => this.observer.findCommand(key),
        loadStream: (streamId, from) => this.observer.loadStream(streamId, from),
        nextInboxSequence: (source, subject) => this.observer.nextInboxSequence(source, subject),
      },
      this.#base,
    );
  }

  /** A statement whose client has gone may still run; with its session it is over. */
  async #settleDown(): Promise<void> {
    const deadline = performance.now() + END_LIMIT_MS;
    while ((await this.endBackends()) > 0) {
      if (performance.now() > deadline) throw new Error('sessions of writers do not end');
      await sleep(END_POLL_MS);
    }
  }
}
