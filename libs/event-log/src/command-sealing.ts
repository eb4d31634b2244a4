import { DomainError, type Actor, type CommandEnvelope, type Link } from '@countersign/kernel';
import type { UnitKey } from '@countersign/record';
import type { CommandScope, PendingEvent, ScopedStream } from './command-scope.js';
import { groupsIn } from './fold-plan.js';
import type { InboxEntry } from './journal.js';
import type { NewEvent, PreparedCommand, StreamGuard } from './log-store.js';
import type { RecordSealer } from './sealing.js';
import type { UnitKeyStore } from './unit-keys.js';

/** What sealing one command needs besides its decision. */
export interface SealingContext {
  readonly envelope: CommandEnvelope;
  readonly requestDigest: Uint8Array;
  /** JSON text. */
  readonly result: string;
  readonly inbox: InboxEntry | undefined;
}

/** Seals the events of a decision in the order in which they were appended. */
export class CommandSealing {
  constructor(
    private readonly sealer: RecordSealer,
    private readonly unitKeys: UnitKeyStore,
    private readonly clock: () => Date,
  ) {}

  async prepare(scope: CommandScope, context: SealingContext): Promise<PreparedCommand> {
    const { envelope } = context;
    const keyring = await this.#keysFor(scope.events);
    const heads = new Map(
      scope.streams.map((stream) => [stream, { next: stream.loaded.nextSequence, digest: stream.loaded.lastDigest }]),
    );
    const recordedTime = this.clock().toISOString();
    const events: NewEvent[] = [];
    for (const pending of scope.events) {
      const head = heads.get(pending.stream) ?? { next: 0n, digest: undefined };
      const event = this.#seal(pending, head, keyring, { envelope, recordedTime, first: events[0] });
      heads.set(pending.stream, { next: head.next + 1n, digest: event.recordDigest });
      events.push(event);
    }
    const readers = readersOf(scope, envelope.actor);
    const links = linksOf(scope.events);
    requireText(
      'link',
      links.map(({ value }) => value),
    );
    requireText(
      'organisation',
      readers.map(({ organisationId }) => organisationId),
    );
    return {
      principalId: envelope.actor.principalId,
      commandId: envelope.commandId,
      requestDigest: context.requestDigest,
      result: context.result,
      inbox: context.inbox,
      guards: scope.streams.map((stream) => guardOf(stream, heads.get(stream))),
      events,
      readers,
      links,
      unitKeys: keyring.drawn,
    };
  }

  #seal(
    pending: PendingEvent,
    head: { readonly next: bigint; readonly digest: Uint8Array | undefined },
    keyring: Keyring,
    common: { readonly envelope: CommandEnvelope; readonly recordedTime: string; readonly first: NewEvent | undefined },
  ): NewEvent {
    const { envelope, recordedTime, first } = common;
    const { streamId } = pending.stream;
    const sealed = this.sealer.seal({
      schema: pending.plan.schema,
      data: pending.data,
      streamId,
      sequence: head.next,
      previous: head.digest,
      eventTime: envelope.eventTime,
      recordedTime,
      actor: envelope.actor.pseudonym,
      actingFor: envelope.actor.actingFor,
      correlationId: envelope.correlationId,
      // Later records of a command name its first one (formats §4), which names what caused the command.
      causationId: first === undefined ? envelope.causationId : first.eventId,
      unitKeys: keyring.of(pending.stream),
    });
    return { ...sealed, streamId, sequence: head.next };
  }

  /**
   * Keys for every (stream, group) that the events need: the bound one, else a fresh one to be bound with the append.
   * A bound key that is gone was destroyed; drawing another would hide that (formats §3).
   */
  async #keysFor(events: readonly PendingEvent[]): Promise<Keyring> {
    const keyring = new Keyring();
    for (const { stream, plan, data } of events) {
      for (const group of groupsIn(plan.schema, data)) {
        if (keyring.has(stream, group)) continue;
        const bound = stream.loaded.unitKeyIds.get(group);
        if (bound) keyring.use(stream, group, await this.#boundKey(stream.streamId, group, bound));
        else keyring.draw(stream, group, await this.unitKeys.fresh());
      }
    }
    return keyring;
  }

  async #boundKey(streamId: string, group: string, keyId: Uint8Array): Promise<UnitKey> {
    const key = (await this.unitKeys.get([keyId])).get(Buffer.from(keyId).toString('hex'));
    if (!key) throw new DomainError('UNIT_KEY_MISSING', { context: { streamId, group } });
    return { keyId, key };
  }
}

class Keyring {
  readonly drawn: { streamId: string; group: string; keyId: Uint8Array }[] = [];
  readonly #keys = new Map<ScopedStream, Map<string, UnitKey>>();

  of(stream: ScopedStream): ReadonlyMap<string, UnitKey> {
    return this.#keys.get(stream) ?? new Map();
  }

  has(stream: ScopedStream, group: string): boolean {
    return this.#keys.get(stream)?.has(group) ?? false;
  }

  use(stream: ScopedStream, group: string, unitKey: UnitKey): void {
    const keys = this.#keys.get(stream) ?? new Map<string, UnitKey>();
    keys.set(group, unitKey);
    this.#keys.set(stream, keys);
  }

  draw(stream: ScopedStream, group: string, unitKey: UnitKey): void {
    this.use(stream, group, unitKey);
    this.drawn.push({ streamId: stream.streamId, group, keyId: unitKey.keyId });
  }
}

function guardOf(
  stream: ScopedStream,
  head: { readonly next: bigint; readonly digest: Uint8Array | undefined } | undefined,
): StreamGuard {
  const expected = stream.loaded.nextSequence;
  const next = head?.next ?? expected;
  return { streamId: stream.streamId, expected, next, lastDigest: next === expected ? undefined : head?.digest };
}

/**
 * Whoever begins a stream may read it, all others by `share`. Appending alone opens nothing: what an organisation does may touch a
 * neighbour's stream. Nor is a service's organisation a party to what it records for others.
 */
function readersOf(scope: CommandScope, actor: Actor): { streamId: string; organisationId: string }[] {
  const written = new Set(scope.events.map((event) => event.stream.streamId));
  const isParty = !actor.roles.includes('service');
  return scope.streams.flatMap(({ streamId, sharedWith, loaded }) => {
    const begins = isParty && written.has(streamId) && loaded.nextSequence === 0n;
    const organisations = begins ? new Set([...sharedWith, actor.organisationId]) : sharedWith;
    return [...organisations].map((organisationId) => ({ streamId, organisationId }));
  });
}

/** One link per stream, kind and value; `identifies` wins. */
function linksOf(events: readonly PendingEvent[]): ({ streamId: string } & Link)[] {
  const links = new Map<string, { streamId: string } & Link>();
  for (const { stream, links: named } of events) {
    for (const link of named) {
      const key = JSON.stringify([stream.streamId, link.kind, link.value]);
      if (links.get(key)?.role !== 'identifies') links.set(key, { streamId: stream.streamId, ...link });
    }
  }
  return [...links.values()];
}

/**
 * What is kept beside the records has to fit an index, and PostgreSQL holds no U+0000.
 *
 * @throws DomainError FIELD_INVALID
 */
function requireText(field: string, values: readonly string[]): void {
  const fits = values.every((value) => value.length > 0 && value.length <= INDEXED_LENGTH_MAX && !value.includes('\0'));
  if (!fits)
    throw new DomainError('FIELD_INVALID', { field, rule: `1 to ${INDEXED_LENGTH_MAX} characters, none of them U+0000` });
}

const INDEXED_LENGTH_MAX = 256;
