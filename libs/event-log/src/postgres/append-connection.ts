import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AppendLimits } from '../config.js';
import type { Settlement } from '../group-commit.js';
import type { AppendOutcome, PreparedCommand } from '../log-store.js';
import { submitBatch } from './append-statement.js';
import { lookUpCommands } from './command-lookup.js';
import { sqlStateOf, unavailable } from './connections.js';

type Limits = Pick<AppendLimits, 'statementMs' | 'unknownOutcomeMs' | 'retryPauseMs'>;

type Attempt =
  | { readonly kind: 'settled'; readonly outcomes: readonly AppendOutcome[] }
  /** Nothing was sent. */
  | { readonly kind: 'unreachable'; readonly error: unknown }
  /** The server reports that it stored nothing. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** The answer is lost: stored or not, or still running. */
  | { readonly kind: 'unknown'; readonly error: unknown };

/**
 * The writer's connection to the log, one for its life, replaced when it breaks. Batches may be under way together: each is sent at
 * once, so that the database goes from one to the next without waiting for us, and settles them in the order in which they were sent.
 */
export class AppendConnection {
  #client: Promise<pg.Client> | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly limits: Limits,
  ) {}

  /**
   * Settles a batch. Commit point 1 lies inside: if the answer is lost, the same batch is sent again on a new connection. That
   * is the only safe way to read the outcome back: the append is idempotent by (principal, command id) and decides under the
   * head's lock, so whichever of the two runs second finds the other's rows and adds nothing, even if the lost one is still on
   * its way. A crash of this process here leaves either nothing or everything stored, found by command id.
   *
   * @throws DomainError DEPENDENCY_UNAVAILABLE; if its rule says that the outcome is unknown, repeating with the same command id is safe
   */
  async commit(batch: readonly PreparedCommand[]): Promise<readonly Settlement[]> {
    const deadline = performance.now() + this.limits.unknownOutcomeMs;
    let lost: unknown;
    for (;;) {
      const attempt = await this.#attempt(batch);
      if (attempt.kind === 'settled') return lost === undefined ? attempt.outcomes : this.#recognise(batch, attempt.outcomes);
      if (attempt.kind === 'refused' && isRowError(attempt.error)) return this.#commitHalves(batch, attempt.error);
      if (attempt.kind === 'unknown') lost = attempt.error;
      else if (lost === undefined) throw unavailable(attempt.error);
      if (performance.now() > deadline)
        throw unavailable(attempt.error, 'the outcome is unknown; repeat with the same command id');
      await sleep(this.limits.retryPauseMs);
    }
  }

  /** Gives the connection up. */
  close(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.then(end, () => undefined); // If it could not be made, those who wait for it are told.
  }

  /** Gives it up unless that was done, and it was replaced. */
  #drop(client: Promise<pg.Client> | undefined): void {
    if (this.#client === client) this.close();
  }

  async #attempt(batch: readonly PreparedCommand[]): Promise<Attempt> {
    const connected = (this.#client ??= this.#open());
    let client: pg.Client;
    try {
      client = await connected;
    } catch (error) {
      this.#drop(connected);
      return { kind: 'unreachable', error };
    }
    try {
      return { kind: 'settled', outcomes: await submitBatch(client, batch, this.limits.statementMs) };
    } catch (error) {
      // The server's ERROR ends a statement's transaction before its commit; after FATAL, a timeout or a broken connection nobody knows.
      if (error instanceof pg.DatabaseError && error.severity === 'ERROR') return { kind: 'refused', error };
      this.#drop(connected);
      return { kind: 'unknown', error };
    }
  }

  #open(): Promise<pg.Client> {
    const connected = this.#connect();
    connected.then(
      (client) => client.on('error', () => this.#drop(connected)), // What was under way is told by itself.
      () => undefined, // Told by those who wait for it.
    );
    return connected;
  }

  /** Beside the pool: its session settings are not for others, and only here may a query be sent before the last one is answered. */
  async #connect(): Promise<pg.Client> {
    const { options } = this.pool;
    // The pool keeps the password where spreading does not see it.
    const client = new pg.Client({ ...options, password: options.password, pipeline: true });
    try {
      await client.connect();
      await client.query(sessionSettings(this.limits.statementMs));
    } catch (error) {
      await end(client);
      throw error;
    }
    return client;
  }

  /** A duplicate with our own event ids is our own first try. */
  async #recognise(batch: readonly PreparedCommand[], outcomes: readonly AppendOutcome[]): Promise<readonly AppendOutcome[]> {
    const stored = await lookUpCommands(this.pool, batch);
    return outcomes.map((outcome, index): AppendOutcome => {
      const recorded = stored[index]?.recorded;
      const events = batch[index]?.events ?? [];
      if (outcome.kind !== 'duplicate' || recorded?.length !== events.length) return outcome;
      const ours = events.every((event, at) => event.eventId === recorded[at]?.eventId);
      return ours ? { kind: 'appended', firstPosition: recorded[0]?.position ?? 0n } : outcome;
    });
  }

  /**
   * A command is at fault, or two stand in each other's way: the halves go by themselves, the first one first. What becomes of one
   * half says nothing about the other.
   */
  async #commitHalves(batch: readonly PreparedCommand[], error: unknown): Promise<readonly Settlement[]> {
    if (batch.length === 1) return [{ kind: 'poisoned', reason: sqlStateOf(error) ?? '' }];
    const middle = Math.ceil(batch.length / 2);
    const settled: Settlement[] = [];
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      try {
        settled.push(...(await this.commit(half)));
      } catch (failure) {
        settled.push(...half.map((): Settlement => ({ kind: 'failed', error: failure })));
      }
    }
    return settled;
  }
}

/** Its answers have come, or will not come any more. */
async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/**
 * The plans of the append are made once, on tables that may still be empty: they must not depend on what is in them. Set here,
 * as setting them in the function costs a lone caller a fifth of his time.
 */
export function sessionSettings(statementMs: number): string {
  const timeoutMs = Math.max(1_000, statementMs - 1_000);
  return `SET search_path = pg_catalog, pg_temp; SET statement_timeout = ${timeoutMs}; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off`;
}

/**
 * Classes 21, 22, 23 and 54 (cardinality, data, integrity, limits): nothing is stored, and the same batch would be refused again.
 * Everything else (disk full, cancelled, out of memory) says nothing about the commands.
 */
export function isRowError(error: unknown): boolean {
  return /^(21|22|23|54)/.test(sqlStateOf(error) ?? '');
}
