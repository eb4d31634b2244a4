import { timingSafeEqual } from 'node:crypto';
import { DomainError, type CommandEnvelope, type DomainEvent, type StreamDefinition } from '@countersign/kernel';
import { CommandScope, streamIdOf } from './command-scope.js';
import { CommandSealing } from './command-sealing.js';
import { JOURNAL_LIMITS, type JournalLimits } from './config.js';
import type { OnFoldDiverged } from './fold-audit.js';
import type { CommandOutcome, InboxEntry, Journal, RecordedEvent, UnitOfWork } from './journal.js';
import type { AppendOutcome, LogStore, PreparedCommand, StoredCommand } from './log-store.js';
import { requestDigests } from './request-digest.js';
import type { RecordSealer } from './sealing.js';
import { StreamLoader } from './stream-loader.js';
import { StreamQueue } from './stream-queue.js';
import type { UnitKeyStore } from './unit-keys.js';

export interface JournalParts {
  readonly store: LogStore;
  readonly sealer: RecordSealer;
  readonly unitKeys: UnitKeyStore;
  /** 32 bytes. */
  readonly requestDigestKey: Uint8Array;
  readonly clock: () => Date;
  /** Told what was appended once it is durable. */
  readonly onRecorded?: (firstPosition: bigint, events: PreparedCommand['events']) => void;
  /** Throws while the log must not be written. */
  readonly requireOpen?: () => void;
  readonly limits?: Partial<JournalLimits>;
  /** Told of a kept state that is not what its records fold to. */
  readonly onFoldDiverged?: OnFoldDiverged | undefined;
}

type Decide<Result> = (unit: UnitOfWork) => Promise<Result>;

/** One command on its way: what does not change between attempts. */
interface Run<Result> {
  readonly envelope: CommandEnvelope;
  readonly requestDigest: Uint8Array;
  readonly inbox: InboxEntry | undefined;
  readonly decide: Decide<Result>;
}

type Attempt<Result> = { readonly outcome: CommandOutcome<Result> } | { readonly conflict: string };

/** The journal on any store. Idempotency is looked up before deciding, settled again under the log's lock when appending. */
export class LogJournal implements Journal {
  readonly #limits: JournalLimits;
  readonly #loader: StreamLoader;
  readonly #sealing: CommandSealing;
  readonly #queue = new StreamQueue();
  readonly #digestOf: (request: Uint8Array) => Uint8Array;
  #inFlight = 0;

  constructor(private readonly parts: JournalParts) {
    this.#limits = { ...JOURNAL_LIMITS, ...parts.limits };
    this.#loader = new StreamLoader({ ...parts, limits: this.#limits });
    this.#digestOf = requestDigests(parts.requestDigestKey);
    this.#sealing = new CommandSealing(parts.sealer, parts.unitKeys, parts.clock);
  }

  async execute<Result>(
    envelope: CommandEnvelope,
    decide: Decide<Result>,
    options: { readonly inbox?: InboxEntry } = {},
  ): Promise<CommandOutcome<Result>> {
    this.parts.requireOpen?.();
    requireKey(envelope);
    if (options.inbox) requireInboxText(options.inbox);
    if (this.#inFlight >= this.#limits.commandsInFlightMax)
      throw new DomainError('OVERLOADED', { context: { inFlight: this.#inFlight } });
    const requestDigest = this.#digestOf(envelope.request);
    this.#inFlight += 1;
    try {
      return await this.#run({ envelope, requestDigest, inbox: options.inbox, decide });
    } finally {
      this.#inFlight -= 1;
    }
  }

  async read<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    key: string,
  ): Promise<State | undefined> {
    const loaded = await this.#loader.load(definition, streamIdOf(definition.category, key));
    return loaded.nextSequence === 0n ? undefined : loaded.state;
  }

  mayRead(streamId: string, organisationId: string): Promise<boolean> {
    return this.parts.store.mayRead(streamId, organisationId);
  }

  async #run<Result>(run: Run<Result>): Promise<CommandOutcome<Result>> {
    let attempt = await this.#attempt(run);
    for (let made = 1; 'conflict' in attempt && made < this.#limits.attemptsMax; made += 1) {
      const leave = await this.#queue.enter(attempt.conflict);
      try {
        attempt = await this.#attempt(run);
      } finally {
        leave();
      }
    }
    if ('outcome' in attempt) return attempt.outcome;
    throw new DomainError('VERSION_CONFLICT', { context: { streamId: attempt.conflict, attempts: this.#limits.attemptsMax } });
  }

  /** Whether the command is known already is asked while it is decided: a lone caller waits for one round trip less. */
  async #attempt<Result>(run: Run<Result>): Promise<Attempt<Result>> {
    const before = this.#replay<Result>(run);
    before.catch(() => undefined); // told below, where it is awaited
    const scope = new CommandScope(this.#loader);
    const result = await this.#decide(run, scope, before);
    if ('outcome' in result) return result;
    const command = await this.#sealing.prepare(scope, {
      envelope: run.envelope,
      requestDigest: run.requestDigest,
      result: result.json,
      inbox: run.inbox,
    });
    const distrusted = scope.streams.find(({ loaded }) => !this.#loader.isTrusted(loaded));
    if (distrusted) return { conflict: distrusted.streamId };
    return this.#settle(run, scope, command, await this.parts.store.append(command));
  }

  /** A copy of this command that came before, or overtook it, may be why the decision fails: then its outcome is the answer. */
  async #decide<Result>(
    run: Run<Result>,
    scope: CommandScope,
    before: Promise<CommandOutcome<Result> | undefined>,
  ): Promise<{ readonly json: string } | { readonly outcome: CommandOutcome<Result> }> {
    try {
      await this.#requireTurn(run.inbox);
      const json = JSON.stringify(await run.decide(scope)) ?? 'null';
      const outcome = await before;
      return outcome ? { outcome } : { json };
    } catch (error) {
      const outcome = (await before) ?? (await this.#replay<Result>(run));
      if (outcome) return { outcome };
      // Or another command has consumed the message meanwhile: then nobody needs to be told of the rule.
      if (!isOutOfTurn(error)) await this.#requireTurn(run.inbox);
      throw error;
    }
  }

  async #settle<Result>(
    run: Run<Result>,
    scope: CommandScope,
    command: PreparedCommand,
    outcome: AppendOutcome,
  ): Promise<Attempt<Result>> {
    switch (outcome.kind) {
      case 'appended':
        this.parts.onRecorded?.(outcome.firstPosition, command.events);
        this.#remember(scope, command);
        return {
          outcome: {
            result: JSON.parse(command.result) as Result,
            recorded: recordedAt(command, outcome.firstPosition),
            replayed: false,
          },
        };
      case 'conflict':
        return { conflict: outcome.streamId };
      case 'duplicate': {
        const stored = await this.#replay<Result>(run);
        if (stored) return { outcome: stored };
        throw new DomainError('INTERNAL', { rule: 'a recorded command could not be read back' });
      }
      case 'reused':
        throw new DomainError('COMMAND_ID_REUSED', { field: 'command_id' });
      case 'consumed':
        throw new DomainError('MESSAGE_CONSUMED');
      case 'gap':
        throw new DomainError('MESSAGE_GAP');
      case 'poisoned':
        throw new DomainError('INTERNAL', { context: { reason: outcome.reason } });
    }
  }

  async #replay<Result>(run: Run<Result>): Promise<CommandOutcome<Result> | undefined> {
    const stored = await this.parts.store.findCommand({
      principalId: run.envelope.actor.principalId,
      commandId: run.envelope.commandId,
    });
    if (!stored) return undefined;
    return { ...outcomeOf<Result>(stored, run.requestDigest), replayed: true };
  }

  /** Saves a decision that the append would refuse anyway. */
  async #requireTurn(inbox: InboxEntry | undefined): Promise<void> {
    if (!inbox) return;
    const next = await this.parts.store.nextInboxSequence(inbox.source, inbox.subject);
    const context = { source: inbox.source, expected: String(next), actual: String(inbox.sequence) };
    if (inbox.sequence < next) throw new DomainError('MESSAGE_CONSUMED', { context });
    if (inbox.sequence > next) throw new DomainError('MESSAGE_GAP', { context });
  }

  #remember(scope: CommandScope, command: PreparedCommand): void {
    for (const [index, stream] of scope.streams.entries()) {
      const guard = command.guards[index];
      if (!guard || guard.next === guard.expected) continue;
      this.#loader.remember(stream.definition, stream.streamId, {
        nextSequence: guard.next,
        lastDigest: guard.lastDigest,
        state: stream.currentState(),
        lineage: stream.loaded.lineage,
      });
    }
  }
}

/** @throws DomainError FIELD_INVALID */
function requireKey(envelope: CommandEnvelope): void {
  if (!/^[\x21-\x7e]{1,64}$/.test(envelope.commandId)) {
    throw new DomainError('FIELD_INVALID', { field: 'command_id', rule: '1 to 64 visible ASCII characters' });
  }
  if (!/^[\x21-\x7e]{1,200}$/.test(envelope.actor.principalId)) {
    throw new DomainError('FIELD_INVALID', { field: 'principal', rule: '1 to 200 visible ASCII characters' });
  }
}

function isOutOfTurn(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'MESSAGE_CONSUMED' || error.code === 'MESSAGE_GAP');
}

/** @throws DomainError FIELD_INVALID */
function requireInboxText({ source, eventId, subject }: InboxEntry): void {
  if (![source, eventId, subject].every((text) => /^[\x21-\x7e]{1,256}$/.test(text))) {
    throw new DomainError('FIELD_INVALID', { field: 'inbox', rule: '1 to 256 visible ASCII characters each' });
  }
}

function outcomeOf<Result>(stored: StoredCommand, requestDigest: Uint8Array): Omit<CommandOutcome<Result>, 'replayed'> {
  const same = stored.requestDigest.length === requestDigest.length && timingSafeEqual(stored.requestDigest, requestDigest);
  if (!same) throw new DomainError('COMMAND_ID_REUSED', { field: 'command_id' });
  return { result: JSON.parse(stored.result) as Result, recorded: stored.recorded };
}

function recordedAt(command: PreparedCommand, firstPosition: bigint): RecordedEvent[] {
  return command.events.map((event, index) => ({
    eventId: event.eventId,
    type: event.type,
    streamId: event.streamId,
    sequence: event.sequence,
    position: firstPosition + BigInt(index),
    recordDigest: event.recordDigest,
  }));
}
