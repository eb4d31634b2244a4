import { DomainError } from '@countersign/kernel';
import type { AppendLimits } from './config.js';
import type { AppendOutcome, PreparedCommand, StreamGuard } from './log-store.js';

/** What became of one command of a batch: an outcome, or an error that is its own. */
export type Settlement = AppendOutcome | { readonly kind: 'failed'; readonly error: unknown };

/** Settles a batch, if it can in one transaction; in the order of the commands. Called again only after it has resolved. */
export type CommitBatch = (batch: readonly PreparedCommand[]) => Promise<readonly Settlement[]>;

export interface GroupCommitStats {
  readonly queuedCommands: number;
  readonly queuedBytes: number;
  readonly batches: number;
  readonly commands: number;
  readonly events: number;
}

interface Waiting {
  readonly command: PreparedCommand;
  readonly bytes: number;
  /** What it shares with a command that must not settle beside it, besides streams. */
  readonly keys: readonly string[];
  resolve(outcome: AppendOutcome): void;
  reject(error: unknown): void;
}

type Limits = Pick<
  AppendLimits,
  'batchCountMax' | 'batchBytesMax' | 'batchBesideCountMin' | 'queuedCommandsMax' | 'queuedBytesMax'
>;

/**
 * Group commit: commands that arrive while a batch commits form the next one. No timer, so a lone caller waits for nothing and
 * batches grow only with load. A full queue refuses at once.
 *
 * Under load there are as many batches under way as there are ways to commit, so that this process takes one apart while the
 * database works on another: the database settles them one after the other, and the commands of one never depend on those of
 * another.
 */
export class GroupCommit {
  // Owned by this object; `#dispatch` is the only one that takes from the queue.
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  readonly #idle: CommitBatch[];
  /** What the batches under way touch. */
  readonly #underWay = new Set<Footprint>();
  #dispatching = false;
  #closed: { readonly settled: Promise<void>; readonly settle: () => void } | undefined;
  #batches = 0;
  #commands = 0;
  #events = 0;

  /** @param commits each used by one batch at a time; at least one */
  constructor(
    commits: readonly CommitBatch[],
    private readonly limits: Limits,
  ) {
    this.#idle = [...commits];
  }

  /** @throws DomainError OVERLOADED; DEPENDENCY_UNAVAILABLE when closed; whatever the commit of its batch throws */
  append(command: PreparedCommand): Promise<AppendOutcome> {
    if (this.#closed) return Promise.reject(new DomainError('DEPENDENCY_UNAVAILABLE', { rule: 'the log is being closed' }));
    const bytes = bytesOf(command);
    if (this.#queue.length >= this.limits.queuedCommandsMax || this.#queuedBytes + bytes > this.limits.queuedBytesMax) {
      return Promise.reject(
        new DomainError('OVERLOADED', { context: { queuedCommands: this.#queue.length, queuedBytes: this.#queuedBytes } }),
      );
    }
    const settled = new Promise<AppendOutcome>((resolve, reject) => {
      this.#queue.push({ command, bytes, keys: keysOf(command), resolve, reject });
    });
    this.#queuedBytes += bytes;
    // Whoever else appends in the same turn comes along.
    if (!this.#dispatching && this.#idle.length > 0) {
      this.#dispatching = true;
      queueMicrotask(() => this.#dispatch());
    }
    return settled;
  }

  get stats(): GroupCommitStats {
    const queue = { queuedCommands: this.#queue.length, queuedBytes: this.#queuedBytes };
    return { ...queue, batches: this.#batches, commands: this.#commands, events: this.#events };
  }

  /** Refuses new commands and waits until the queued ones are settled. */
  async close(): Promise<void> {
    this.#closed ??= settledLater();
    this.#endIfSettled();
    await this.#closed.settled;
  }

  #endIfSettled(): void {
    if (this.#queue.length === 0 && this.#underWay.size === 0) this.#closed?.settle();
  }

  /** Sends as many batches as there are ways to commit, if enough commands wait for that. */
  #dispatch(): void {
    this.#dispatching = false;
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const share = Math.ceil(this.#queue.length / this.#idle.length);
      const isBeside = this.#underWay.size > 0;
      if (isBeside && share < this.limits.batchBesideCountMin) return; // They wait for company: small batches cost more than they hide.
      const batch = this.#take(share < this.limits.batchBesideCountMin ? this.limits.batchCountMax : share);
      if (batch.members.length === 0) return; // All of them depend on what is under way.
      const commit = this.#idle.shift() as CommitBatch;
      this.#underWay.add(batch.footprint);
      void this.#settle(batch.members, commit).then(() => {
        this.#idle.push(commit);
        this.#underWay.delete(batch.footprint);
        this.#dispatchSoon();
        this.#endIfSettled();
      });
    }
  }

  /** While another batch keeps the database busy, those whose answers have just come may send what they have next. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    if (this.#underWay.size === 0) return this.#dispatch();
    this.#dispatching = true;
    setImmediate(() => this.#dispatch());
  }

  async #settle(batch: readonly Waiting[], commit: CommitBatch): Promise<void> {
    try {
      const outcomes = await commit(batch.map(({ command }) => command));
      this.#count(batch, outcomes);
      this.#refuseStale(batch, outcomes);
      for (const [index, waiting] of batch.entries()) settle(waiting, outcomes[index] ?? missingOutcome());
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  /** The next batch, in order of arrival. A command that depends on another one, there or under way, waits, and so do those that depend on it. */
  #take(countMax: number): { readonly members: readonly Waiting[]; readonly footprint: Footprint } {
    const members: Waiting[] = [];
    const footprint = new Footprint();
    const waiting = new Footprint();
    const others = [...this.#underWay, waiting];
    const rest: Waiting[] = [];
    let count = 0;
    let bytes = 0;
    for (const next of this.#queue) {
      const fits =
        members.length === 0 ||
        (count + countOf(next.command) <= Math.min(countMax, this.limits.batchCountMax) &&
          bytes + next.bytes <= this.limits.batchBytesMax);
      if (fits && footprint.admits(next) && others.every((other) => other.admits(next))) {
        members.push(next);
        footprint.add(next);
        count += countOf(next.command);
        bytes += next.bytes;
      } else {
        rest.push(next);
        waiting.add(next);
      }
    }
    this.#queue = rest;
    this.#queuedBytes -= bytes;
    return { members, footprint };
  }

  /** What was decided on a state that this batch has just replaced would come out as a conflict: versions only rise. */
  #refuseStale(batch: readonly Waiting[], outcomes: readonly Settlement[]): void {
    if (this.#queue.length === 0) return;
    const next = new Map<string, bigint>();
    for (const [index, { command }] of batch.entries()) {
      if (outcomes[index]?.kind !== 'appended') continue;
      for (const guard of command.guards) if (guard.next > guard.expected) next.set(guard.streamId, guard.next);
    }
    this.#queue = this.#queue.filter((waiting) => {
      const stale = waiting.command.guards.find((guard) => guard.expected < (next.get(guard.streamId) ?? 0n));
      if (!stale) return true;
      this.#queuedBytes -= waiting.bytes;
      waiting.resolve({ kind: 'conflict', streamId: stale.streamId });
      return false;
    });
  }

  #count(batch: readonly Waiting[], outcomes: readonly Settlement[]): void {
    this.#batches += 1;
    this.#commands += batch.length;
    for (const [index, { command }] of batch.entries()) {
      if (outcomes[index]?.kind === 'appended') this.#events += command.events.length;
    }
  }
}

/** What commands touch. Independent commands neither write a stream that the other reads or writes, nor repeat an id, nor follow each other in the inbox. */
class Footprint {
  readonly #written = new Set<string>();
  readonly #read = new Set<string>();
  readonly #keys = new Set<string>();

  admits({ command, keys }: Waiting): boolean {
    for (const key of keys) if (this.#keys.has(key)) return false;
    return !command.guards.some(
      (guard) => this.#written.has(guard.streamId) || (this.#read.has(guard.streamId) && writes(command, guard)),
    );
  }

  add({ command, keys }: Waiting): void {
    for (const key of keys) this.#keys.add(key);
    for (const guard of command.guards) (writes(command, guard) ? this.#written : this.#read).add(guard.streamId);
  }
}

function writes({ readers }: PreparedCommand, guard: StreamGuard): boolean {
  return guard.next > guard.expected || readers.some(({ streamId }) => streamId === guard.streamId);
}

function keysOf({ principalId, commandId, inbox }: PreparedCommand): string[] {
  const keys = [`command\n${principalId}\n${commandId}`];
  if (inbox) keys.push(`subject\n${inbox.source}\n${inbox.subject}`, `message\n${inbox.source}\n${inbox.eventId}`);
  return keys;
}

function countOf(command: PreparedCommand): number {
  return Math.max(1, command.events.length);
}

function bytesOf(command: PreparedCommand): number {
  return command.events.reduce(
    (sum, { header, entry, disclosures }) => sum + header.length + entry.length + disclosures.length,
    command.result.length,
  );
}

function settle(waiting: Waiting, settlement: Settlement): void {
  if (settlement.kind === 'failed') waiting.reject(settlement.error);
  else waiting.resolve(settlement);
}

function settledLater(): { readonly settled: Promise<void>; readonly settle: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { settled: promise, settle: resolve };
}

function missingOutcome(): never {
  throw new DomainError('INTERNAL', { rule: 'the append answered for fewer commands than it was given' });
}
