import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { InboxEntry } from '../journal.js';
import type { AppendOutcome, NewEvent, PreparedCommand, StreamGuard } from '../log-store.js';
import { preparedEvent } from '../postgres/prepared-fixture.js';
import type { ModelCommand } from './reference-store.js';

/** Rows that every layout of the tables has to refuse: what a request digest and a header are, and what a text can hold. */
export const POISONS = ['digest', 'header', 'text', 'sequence'] as const;

/** What a command is to be like, without knowing yet what the log holds when it is sent. */
export interface Intent {
  /** Streams it writes, each with so many events. None: it is recorded and appends nothing. */
  readonly writes: readonly { readonly stream: number; readonly events: number }[];
  /** Streams it read for its decision. */
  readonly reads: readonly number[];
  /** How far the version is off that it expects of one stream, a read one if there is any: 0 for what its sender last saw. */
  readonly drift: -1 | 0 | 1;
  /** An earlier command whose id it takes, with the same request or another one. */
  readonly earlier: { readonly back: number; readonly sameRequest: boolean } | undefined;
  readonly message: { readonly subject: number; readonly drift: -1 | 0 | 1; readonly sameId: boolean } | undefined;
  readonly poison: (typeof POISONS)[number] | undefined;
}

export interface IntentOptions {
  readonly streams: number;
  /** Weight of commands that append nothing. */
  readonly empty: number;
  /** Weight of poisoned commands, of 100. */
  readonly poisoned: number;
  /** Weight of commands that expect a wrong version, of 100. */
  readonly conflicting: number;
}

export function intents({ streams, empty, poisoned, conflicting }: IntentOptions): fc.Arbitrary<Intent> {
  const stream = fc.nat({ max: streams - 1 });
  const writes = fc.uniqueArray(fc.record({ stream, events: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 3,
    selector: (write) => write.stream,
  });
  const off = fc.constantFrom<-1 | 1>(-1, 1);
  return fc.record({
    writes: fc.oneof({ weight: 100, arbitrary: writes }, { weight: empty, arbitrary: fc.constant([]) }),
    reads: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.uniqueArray(stream, { maxLength: 2 }) },
    ),
    drift: fc.oneof({ weight: 100 - conflicting, arbitrary: fc.constant<0>(0) }, { weight: conflicting, arbitrary: off }),
    earlier: sometimes(1, 6, fc.record({ back: fc.integer({ min: 1, max: 8 }), sameRequest: fc.boolean() })),
    message: sometimes(
      1,
      3,
      fc.record({ subject: fc.nat({ max: 2 }), drift: fc.constantFrom<-1 | 0 | 1>(0, 0, 0, -1, 1), sameId: fc.boolean() }),
    ),
    poison: sometimes(poisoned, 100 - poisoned, fc.constantFrom(...POISONS)),
  });
}

function sometimes<Value>(weight: number, against: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: against, arbitrary: fc.constant(undefined) }, { weight, arbitrary });
}

/** What clients of one log last saw of it: enough to make commands that are sometimes right. */
export class ClientView {
  readonly #next = new Map<string, bigint>();
  readonly #subjects = new Map<string, bigint>();
  readonly #lastMessages = new Map<string, string>();
  readonly #sent: PreparedCommand[] = [];

  /** @param name keeps streams, subjects and command ids apart from those of other runs on the same log */
  constructor(private readonly name: string) {}

  /** Puts an intent into the form in which it goes to the store. */
  prepare(intent: Intent): ModelCommand {
    const { drift, poison } = intent;
    const writes = intent.writes.map(({ stream, events }, index) => {
      const expected = this.#expected(stream, index === 0 && intent.reads.length === 0 ? drift : 0);
      return this.#write(this.#streamId(stream), expected, events);
    });
    const written = new Set(intent.writes.map(({ stream }) => stream));
    const reads = intent.reads
      .filter((stream) => !written.has(stream))
      .map((stream, index): StreamGuard => {
        const expected = this.#expected(stream, index === 0 ? drift : 0);
        return { streamId: this.#streamId(stream), expected, next: expected, lastDigest: undefined };
      });
    const events = writes.flatMap((write) => write.events);
    const prepared: PreparedCommand = {
      ...this.#identity(intent),
      result: JSON.stringify(this.#sent.length),
      inbox: this.#message(intent),
      guards: [...writes.map(({ guard }) => guard), ...reads],
      events,
      readers: writes.map(({ guard: { streamId } }) => ({ streamId, organisationId: 'depot' })),
      links: writes.map(({ guard: { streamId } }) => ({ streamId, kind: 'uii', value: streamId, role: 'mentions' })),
      unitKeys: [],
    };
    this.#sent.push(prepared);
    const poisoned = poison === undefined ? undefined : poisonedBy(poison, prepared);
    return { prepared: poisoned ?? prepared, isPoisoned: poisoned !== undefined };
  }

  /** Takes note of an answer. */
  learn({ prepared }: ModelCommand, outcome: AppendOutcome['kind']): void {
    if (outcome !== 'appended') return;
    for (const { streamId, next } of prepared.guards) this.#next.set(streamId, next);
    if (prepared.inbox) this.#subjects.set(prepared.inbox.subject, prepared.inbox.sequence + 1n);
  }

  /** What clients see when they look again. */
  async refresh(nextOf: (streamId: string) => Promise<bigint>): Promise<void> {
    for (const streamId of this.#next.keys()) this.#next.set(streamId, await nextOf(streamId));
  }

  #streamId(stream: number): string {
    return `parcel/${this.name}-${stream}`;
  }

  #expected(stream: number, drift: -1 | 0 | 1): bigint {
    const streamId = this.#streamId(stream);
    const seen = this.#next.get(streamId) ?? 0n;
    this.#next.set(streamId, seen);
    const expected = seen + BigInt(drift);
    return expected < 0n ? 1n : expected;
  }

  #write(
    streamId: string,
    expected: bigint,
    count: number,
  ): { readonly events: readonly NewEvent[]; readonly guard: StreamGuard } {
    const events = Array.from({ length: count }, (_, index) => preparedEvent(streamId, expected + BigInt(index)));
    return { events, guard: { streamId, expected, next: expected + BigInt(count), lastDigest: events.at(-1)?.recordDigest } };
  }

  #identity({ earlier }: Intent): Pick<PreparedCommand, 'principalId' | 'commandId' | 'requestDigest'> {
    const before = earlier === undefined ? undefined : this.#sent.at(-earlier.back);
    const fresh = {
      principalId: 'principal',
      commandId: `${this.name}-${this.#sent.length}`,
      requestDigest: Buffer.alloc(32, 1),
    };
    if (earlier === undefined || before === undefined) return fresh;
    const requestDigest = earlier.sameRequest ? before.requestDigest : Buffer.alloc(32, 1 + this.#sent.length);
    return { principalId: before.principalId, commandId: before.commandId, requestDigest };
  }

  #message({ message }: Intent): InboxEntry | undefined {
    if (message === undefined) return undefined;
    const subject = `${this.name}/${message.subject}`;
    const sequence = (this.#subjects.get(subject) ?? 0n) + BigInt(message.drift);
    const eventId = (message.sameId ? this.#lastMessages.get(subject) : undefined) ?? randomUUID();
    this.#lastMessages.set(subject, eventId);
    return { source: 'countersign.example/other', eventId, subject, sequence: sequence < 0n ? 0n : sequence };
  }
}

/** The command with one row that cannot be stored; undefined if it has no row of that kind. */
export function poisonedBy(poison: (typeof POISONS)[number], command: PreparedCommand): PreparedCommand | undefined {
  const [first, ...rest] = command.events;
  if (poison === 'digest') return { ...command, requestDigest: Buffer.alloc(31) };
  if (poison === 'text') return { ...command, result: '"\0"' };
  if (first === undefined) return undefined;
  if (poison === 'header') return { ...command, events: [{ ...first, header: Buffer.alloc(61_441, 0x20) }, ...rest] };
  // A sequence that is taken already; only where there is one before.
  return first.sequence > 0n ? { ...command, events: [{ ...first, sequence: 0n }, ...rest] } : undefined;
}
