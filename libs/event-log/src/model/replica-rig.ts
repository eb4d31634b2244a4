import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventLog } from '../event-log.js';
import { suiteLogs, type SuiteDatabase, type SuiteLogs } from '../postgres/log-fixture.js';
import { requireIntact } from '../row-opening.js';
import { broken } from './broken-history.js';
import type { Call } from './journal-client.js';
import { callsIn, ReplicaProcess, unfinishedIn } from './replica-process.js';
import { identityOf, newSharedIdentity } from './replica-terms.js';
import { verifyJournal } from './verify-journal.js';

const LEASE_MS = 500;
const POLL_MS = 20;
const CLIENTS = 4;
const PARCELS = 3;
const ROWS_MAX = 1_000_000;

/** A broker that outlives every process, and every change of the cursor with the session that made it. */
const WATCH_CURSOR = [
  'CREATE TABLE public.broker (number bigserial PRIMARY KEY, position int8 NOT NULL, event_id uuid NOT NULL, publisher text NOT NULL)',
  `CREATE TABLE public.cursor_change (
     number bigserial PRIMARY KEY, position int8 NOT NULL, epoch int8 NOT NULL, holder uuid, changer text NOT NULL, moved boolean NOT NULL)`,
  `CREATE FUNCTION public.watch_cursor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
   BEGIN
     INSERT INTO public.cursor_change (position, epoch, holder, changer, moved)
     VALUES (NEW.position, NEW.epoch, NEW.holder, current_setting('application_name'), NEW.position <> OLD.position);
     RETURN NEW;
   END $$`,
  'CREATE TRIGGER watch_cursor AFTER UPDATE ON event_log.relay_cursor FOR EACH ROW EXECUTE FUNCTION public.watch_cursor()',
];

interface CursorChange {
  readonly position: string;
  readonly epoch: string;
  readonly holder: string | null;
  readonly changer: string;
  readonly moved: boolean;
}

/** Replicas of one service as processes on one log, what they did, and what is left of it. */
export class ReplicaRig {
  readonly #started: ReplicaProcess[] = [];
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'countersign-replicas-'));
  readonly #identity = newSharedIdentity();

  private constructor(
    private readonly database: SuiteDatabase,
    private readonly logs: SuiteLogs,
    private readonly superuser: DataSource,
    private readonly seed: number,
  ) {}

  static async open(database: SuiteDatabase, seed: number): Promise<ReplicaRig> {
    const logs = await suiteLogs(database);
    const superuser = await logs.connect(database.superuserUrl);
    for (const statement of WATCH_CURSOR) await superuser.query(statement);
    await superuser.query(`GRANT SELECT, INSERT ON public.broker TO ${database.appRole}`);
    await superuser.query(`GRANT USAGE ON SEQUENCE public.broker_number_seq TO ${database.appRole}`);
    return new ReplicaRig(database, logs, superuser, seed);
  }

  async close(): Promise<void> {
    for (const replica of this.#started) replica.signal('SIGKILL');
    await Promise.all(this.#started.map(({ ended }) => ended));
    await this.logs.closeAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param after the replica in whose place it stands: what that one was told nothing about is sent again first */
  async start(name: string, after?: ReplicaProcess): Promise<ReplicaProcess> {
    const replica = await ReplicaProcess.start({
      name,
      url: this.database.appUrl,
      identity: this.#identity,
      seed: this.seed + this.#started.length,
      atOnce: CLIENTS,
      parcels: PARCELS,
      leaseMs: LEASE_MS,
      file: path.join(this.#folder, name),
      unfinished: after === undefined ? [] : unfinishedIn(after.terms.file),
    });
    this.#started.push(replica);
    return replica;
  }

  /** Suspends a process past its lease, as the operating system does it; nobody in the process can know. */
  async suspend(replica: ReplicaProcess): Promise<void> {
    replica.signal('SIGSTOP');
    await sleep(3 * LEASE_MS);
    replica.signal('SIGCONT');
  }

  /** The one of them that relays. */
  async leader(running: readonly ReplicaProcess[]): Promise<ReplicaProcess> {
    let leader: ReplicaProcess | undefined;
    await until(async () => {
      const [last]: { changer: string }[] = await this.superuser.query(
        'SELECT changer FROM public.cursor_change ORDER BY number DESC LIMIT 1',
      );
      leader = running.find(({ terms }) => terms.name === last?.changer);
      return leader !== undefined;
    });
    return leader ?? broken('nobody leads');
  }

  /** Waits until each of them has sent so many commands more. */
  async untilCalled(replicas: readonly ReplicaProcess[], more: number): Promise<void> {
    const before = replicas.map(({ calls }) => calls);
    await until(() => Promise.resolve(replicas.every((replica, index) => replica.calls >= (before[index] ?? 0) + more)));
  }

  /** Starts one more and waits until it has relayed what the others left. */
  async relayTheRest(): Promise<void> {
    const size = await (await this.#log()).size();
    const last = await this.start('last');
    await until(async () => {
      const [cursor]: { position: string }[] = await this.superuser.query('SELECT position FROM event_log.relay_cursor');
      return BigInt(cursor?.position ?? 0) >= size;
    });
    last.signal('SIGTERM');
    await last.ended;
  }

  /** @throws BrokenHistory */
  async verify(): Promise<readonly Call[]> {
    const log = await this.#log();
    const rows = (await log.openRows(await log.readLog(1n, ROWS_MAX))).map(requireIntact);
    const calls = this.#started.flatMap(({ terms }) => callsIn(terms.file));
    verifyJournal(calls, rows, 1n);
    const published: { position: string }[] = await this.superuser.query('SELECT position FROM public.broker ORDER BY number');
    const first = [...new Set(published.map(({ position }) => Number(position)))];
    if (first.length < rows.length || first.some((position, index) => position !== index))
      broken('a record was published before an earlier one, or never', { published: first.length, recorded: rows.length });
    return calls;
  }

  /**
   * Position and epoch never go back, and within an epoch one process holds the lead and moves the cursor.
   *
   * @returns how many epochs there were
   * @throws BrokenHistory
   */
  async verifyFence(): Promise<number> {
    const changes: CursorChange[] = await this.superuser.query(
      'SELECT position, epoch, holder, changer, moved FROM public.cursor_change ORDER BY number',
    );
    for (const [index, { position, epoch }] of changes.entries()) {
      const before = changes[index - 1];
      if (before && (BigInt(position) < BigInt(before.position) || BigInt(epoch) < BigInt(before.epoch)))
        broken('the cursor went back', { index, position, epoch });
    }
    const epochs = Map.groupBy(changes, ({ epoch }) => epoch);
    for (const [epoch, of] of epochs) {
      const movers = new Set(of.filter(({ moved }) => moved).map(({ changer }) => changer));
      if (movers.size > 1 || new Set(of.map(({ holder }) => holder)).size > 1)
        broken('two led at once', { epoch, movers: [...movers] });
    }
    return epochs.size;
  }

  #log(): Promise<EventLog> {
    return this.logs.open({ identity: identityOf(this.#identity) });
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(POLL_MS);
}
