import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { AppendOutcome, PreparedCommand } from '../log-store.js';
import { openLogStore, type OpenLogStore } from '../log-store-opening.js';
import { isRowError, sessionSettings } from '../postgres/append-connection.js';
import { submitBatch } from '../postgres/append-statement.js';
import { suiteLogs, type SuiteDatabase, type SuiteLogs } from '../postgres/log-fixture.js';
import { broken } from './broken-history.js';
import type { Attempt } from './history.js';
import { ClientView, type Intent } from './intents.js';
import { chooser, SESSIONS_MAX, type SessionScript, type SessionTransaction, type TransactionEnd } from './session-scripts.js';
import { verifyHistory } from './verify-history.js';

const STATEMENT_MS = 20_000;
/** One step in so many is the follower's. */
const FOLLOW_EVERY = 6;
const PAGE_ROWS = 7;

type Step =
  | { readonly kind: 'begin'; readonly of: SessionTransaction }
  | { readonly kind: 'append'; readonly intents: readonly Intent[]; readonly of: SessionTransaction }
  | { readonly kind: 'end'; readonly of: SessionTransaction };

/** One connection. Its transaction is open from `begin` to `end`. */
interface Session {
  readonly number: number;
  readonly steps: Step[];
  client: pg.Client;
  /** An append that waits for the head's lock, or has just got it. */
  running: Promise<void> | undefined;
  /** Whether its append keeps the lock until the transaction is ended by a step of its own. */
  keepsLock: boolean;
  /** Appends of the open transaction, with what the function said; nothing counts before the commit. */
  open: { readonly attempt: Attempt; readonly outcome: AppendOutcome }[];
}

/** Real sessions whose steps a seed puts in order, and a follower that reads by a plain number. */
export class SessionRig {
  #tick = 0;
  #attempts: Attempt[] = [];
  #view = new ClientView('none');
  /** The session that holds the head's lock in an open transaction. */
  #holder: Session | undefined;
  #waiting: Session[] = [];
  #followed: { readonly position: bigint; readonly eventId: string }[] = [];
  #base = 0n;

  private constructor(
    private readonly database: SuiteDatabase,
    private readonly logs: SuiteLogs,
    private readonly observer: OpenLogStore,
    private readonly superuser: pg.Client,
    private readonly clients: pg.Client[],
  ) {}

  static async open(database: SuiteDatabase): Promise<SessionRig> {
    const logs = await suiteLogs(database);
    await logs.open(); // writes LogOpened
    const superuser = await connected(database.superuserUrl);
    const clients = await Promise.all(Array.from({ length: SESSIONS_MAX }, () => connected(database.appUrl)));
    return new SessionRig(database, logs, openLogStore(await logs.connect(database.appUrl)), superuser, clients);
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients, this.superuser].map((client) => client.end()));
    await this.observer.close();
    await this.logs.closeAll();
  }

  /**
   * Plays a script to its end and judges what is left.
   *
   * @throws BrokenHistory
   */
  async run({ sessions: scripts, scheduleSeed }: SessionScript): Promise<void> {
    await this.#begin();
    const choose = chooser(scheduleSeed);
    const sessions = scripts.map((transactions, number) => this.#session(number, transactions));
    for (;;) {
      const ready = sessions.filter(({ steps, running }) => steps.length > 0 && running === undefined);
      const session = ready[choose(Math.max(1, ready.length))];
      if (session === undefined) break;
      if (choose(FOLLOW_EVERY) === 0) await this.#follow();
      await this.#step(session);
    }
    await this.#verify();
  }

  async #begin(): Promise<void> {
    this.#base = await this.observer.rows.size();
    this.#view = new ClientView(randomBytes(6).toString('hex'));
    this.#attempts = [];
    this.#followed = [];
    this.#holder = undefined;
    this.#waiting = [];
  }

  #session(number: number, transactions: readonly SessionTransaction[]): Session {
    const client = this.clients[number] ?? broken('no connection');
    const steps = transactions.flatMap((of): Step[] => {
      const appends = of.batches.map((intents): Step => ({ kind: 'append', intents, of }));
      return of.explicit ? [{ kind: 'begin', of }, ...appends, { kind: 'end', of }] : appends;
    });
    return { number, steps, client, running: undefined, keepsLock: false, open: [] };
  }

  async #step(session: Session): Promise<void> {
    const step = session.steps.shift();
    if (step?.kind === 'begin') {
      await session.client.query(step.of.early ? 'BEGIN; SELECT pg_current_xact_id()' : 'BEGIN');
    } else if (step?.kind === 'append') {
      session.keepsLock = step.of.explicit;
      session.running = this.#append(session, step);
      if (this.#holder === undefined || this.#holder === session) await this.#granted(session);
      else this.#waiting.push(session);
    } else if (step?.kind === 'end') {
      await this.#end(session, step.of);
    }
  }

  async #append(session: Session, { intents, of }: Step & { kind: 'append' }): Promise<void> {
    // An error ends an open transaction and gives the lock away: in those nothing is poisoned, and nothing in a batch's way.
    const commands = intents.map((intent) => this.#view.prepare(of.explicit ? { ...intent, poison: undefined } : intent));
    const attempts = commands.map((command): Attempt => {
      return { command, invokedAt: this.#tick++, respondedAt: Infinity, outcome: { kind: 'unknown' } };
    });
    this.#attempts.push(...attempts);
    const batch = commands.map(({ prepared }) => prepared);
    const outcomes = of.explicit ? await oneByOne(session.client, batch) : await byHalves(session.client, batch);
    session.open.push(...attempts.flatMap((attempt, index) => ({ attempt, outcome: outcomes[index] ?? broken('no outcome') })));
    if (!of.explicit) this.#settle(session, 'commit');
  }

  /** Waits until an append has the lock and its answer; then whoever keeps the lock is the holder. */
  async #granted(session: Session): Promise<void> {
    await session.running;
    session.running = undefined;
    this.#holder = session.keepsLock ? session : undefined;
  }

  async #end(session: Session, { end }: SessionTransaction): Promise<void> {
    if (end === 'killed') await this.#kill(session);
    else await session.client.query(end === 'commit' ? 'COMMIT' : 'ROLLBACK');
    this.#settle(session, end);
    if (this.#holder !== session) return;
    this.#holder = undefined;
    while (this.#holder === undefined && this.#waiting.length > 0) {
      const next = await Promise.race(this.#waiting.map(async (waiting) => waiting.running?.then(() => waiting)));
      if (next === undefined) return broken('a session waits for nothing');
      this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
      await this.#granted(next);
    }
  }

  async #kill(session: Session): Promise<void> {
    const { rows } = await session.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const gone = new Promise<void>((resolve) => session.client.once('end', () => resolve()));
    await this.superuser.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
    await gone;
    session.client = await connected(this.database.appUrl);
    this.clients[session.number] = session.client;
  }

  /** What was said inside a transaction counts if it was committed; a refusal inside one that was not rested on what nobody will see. */
  #settle(session: Session, end: TransactionEnd): void {
    for (const { attempt, outcome } of session.open) {
      attempt.respondedAt = this.#tick++;
      attempt.outcome = end === 'commit' ? outcome : { kind: 'refused' };
      this.#view.learn(attempt.command, attempt.outcome.kind === 'appended' ? 'appended' : 'conflict');
    }
    session.open = [];
  }

  async #follow(): Promise<void> {
    const from = this.#base + BigInt(this.#followed.length);
    this.#followed.push(...(await this.observer.rows.readLog(from, PAGE_ROWS)));
  }

  async #verify(): Promise<void> {
    const { observer } = this;
    const rows = await observer.rows.readLog(this.#base, Number.MAX_SAFE_INTEGER >>> 0);
    for (const [index, { position, eventId }] of this.#followed.entries()) {
      if (rows[index]?.eventId !== eventId || rows[index].position !== position)
        broken('a follower was shown another log', { index, position });
    }
    const evidence = {
      rows,
      findCommand: observer.findCommand.bind(observer),
      loadStream: observer.loadStream.bind(observer),
      nextInboxSequence: observer.nextInboxSequence.bind(observer),
    };
    await verifyHistory(this.#attempts, evidence, this.#base);
  }
}

async function oneByOne(client: pg.Client, batch: readonly PreparedCommand[]): Promise<AppendOutcome[]> {
  const outcomes: AppendOutcome[] = [];
  for (const command of batch) outcomes.push(...(await submitBatch(client, [command], STATEMENT_MS)));
  return outcomes;
}

/** As the writer does it. */
async function byHalves(client: pg.Client, batch: readonly PreparedCommand[]): Promise<readonly AppendOutcome[]> {
  try {
    return await submitBatch(client, batch, STATEMENT_MS);
  } catch (error) {
    if (!isRowError(error)) throw error;
    if (batch.length === 1) return [{ kind: 'poisoned', reason: '' }];
    const middle = Math.ceil(batch.length / 2);
    return [...(await byHalves(client, batch.slice(0, middle))), ...(await byHalves(client, batch.slice(middle)))];
  }
}

/** Order is what these sessions are about, not durability: nobody waits for the disk. */
async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: '-c synchronous_commit=off' });
  client.on('error', () => undefined); // ended on purpose; whoever uses it is told
  await client.connect();
  await client.query(sessionSettings(STATEMENT_MS));
  return client;
}
