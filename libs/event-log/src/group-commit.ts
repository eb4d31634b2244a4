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
  resolve(outcome: AppendOutcome): void;
  reject(error: unknown): void;
}

type Limits = Pick<AppendLimits, 'batchCountMax' | 'batchBytesMax' | 'queuedCommandsMax' | 'queuedBytesMax'>;

/**
 * Group commit: commands that arrive while a batch commits form the next one. No timer, so a lone caller waits for nothing and
 * batches grow only with load. A full queue refuses at once.
 */
export class GroupCommit {
  // Owned by this object; `#run` is the only one that takes from the queue, and runs at most once at a time.
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #closed = false;
  #batches = 0;
  #commands = 0;
  #events = 0;

  constructor(
    private readonly commit: CommitBatch,
    private readonly limits: Limits,
  ) {}

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
      this.#queue.push({ command, bytes, resolve, reject });
    });
    this.#queuedBytes += bytes;
    this.#running ??= Promise.resolve().then(() => this.#run());
    return settled;
  }

  get stats(): GroupCommitStats {
    const queue = { queuedCommands: this.#queue.length, queuedBytes: this.#queuedBytes };
    return { ...queue, batches: this.#batches, commands: this.#commands, events: this.#events };
  }

  /** Refuses new commands and waits until the queued ones are settled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#settle(this.#take());
    this.#running = undefined;
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.commit(batch.map(({ command }) => command));
      this.#count(batch, outcomes);
      this.#refuseStale(batch, outcomes);
      for (const [index, waiting] of batch.entries()) settle(waiting, outcomes[index] ?? missingOutcome());
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  /** The next batch, in order of arrival; a command that depends on another one of the batch waits for the batch after. */
  #take(): readonly Waiting[] {
    const batch = new IndependentBatch();
    const rest: Waiting[] = [];
    let bytes = 0;
    for (const waiting of this.#queue) {
      const fits =
        batch.count === 0 ||
        (batch.count + countOf(waiting.command) <= this.limits.batchCountMax &&
          bytes + waiting.bytes <= this.limits.batchBytesMax);
      if (fits && batch.add(waiting)) bytes += waiting.bytes;
      else rest.push(waiting);
    }
    this.#queue = rest;
    this.#queuedBytes -= bytes;
    return batch.members;
  }

  /** What was decided on a state that this batch has just replaced would come out as a conflict: versions only rise. */
  #refuseStale(batch: readonly Waiting[], outcomes: readonly Settlement[]): void {
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

/** Commands none of which writes a stream another one reads or writes, repeats its id, or follows it in the inbox. */
class IndependentBatch {
  readonly members: Waiting[] = [];
  count = 0;
  readonly #written = new Set<string>();
  readonly #read = new Set<string>();
  readonly #keys = new Set<string>();

  add(waiting: Waiting): boolean {
    const { command } = waiting;
    const keys = keysOf(command);
    if (keys.some((key) => this.#keys.has(key))) return false;
    const writes = (guard: StreamGuard): boolean =>
      guard.next > guard.expected || command.readers.some(({ streamId }) => streamId === guard.streamId);
    if (command.guards.some((guard) => this.#written.has(guard.streamId) || (writes(guard) && this.#read.has(guard.streamId))))
      return false;
    for (const key of keys) this.#keys.add(key);
    for (const guard of command.guards) (writes(guard) ? this.#written : this.#read).add(guard.streamId);
    this.members.push(waiting);
    this.count += countOf(command);
    return true;
  }
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

function missingOutcome(): never {
  throw new DomainError('INTERNAL', { rule: 'the append answered for fewer commands than it was given' });
}
