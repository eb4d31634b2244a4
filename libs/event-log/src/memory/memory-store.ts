import type { InboxEntry, RecordedEvent } from '../journal.js';
import type { FoundStream, LogReader, LogRow, NaturalKey, ReadScope } from '../log-reader.js';
import type { AppendOutcome, CommandKey, LoadedStream, LogStore, PreparedCommand, StoredCommand } from '../log-store.js';

interface StreamState {
  nextSequence: bigint;
  lastDigest: Uint8Array | undefined;
  readonly rows: LogRow[];
  readonly unitKeyIds: Map<string, Uint8Array>;
  readonly readers: Set<string>;
  readonly links: Map<string, FoundStream['keys'][number]>;
}

/** The rules of the PostgreSQL store in memory, for tests: the same contract suite runs on both. */
export class MemoryStore implements LogStore {
  readonly rows: Pick<LogReader, 'size' | 'readLog' | 'readStreamRows' | 'findStreams'>;
  readonly #log: LogRow[] = [];
  // Map order is the order in which streams began.
  readonly #streams = new Map<string, StreamState>();
  readonly #commands = new Map<string, StoredCommand>();
  readonly #consumed = new Set<string>();
  readonly #nextOfSubject = new Map<string, bigint>();

  constructor() {
    this.rows = {
      size: () => Promise.resolve(BigInt(this.#log.length)),
      readLog: (from, limit) => Promise.resolve(this.#log.slice(Number(from), Number(from) + limit)),
      readStreamRows: (streamId) => Promise.resolve([...(this.#streams.get(streamId)?.rows ?? [])]),
      findStreams: (keys, scope) => Promise.resolve(this.#find(keys, scope)),
    };
  }

  findCommand(key: CommandKey): Promise<StoredCommand | undefined> {
    return Promise.resolve(this.#commands.get(keyOf(key.principalId, key.commandId)));
  }

  loadStream(streamId: string, fromSequence: bigint): Promise<LoadedStream> {
    const stream = this.#streams.get(streamId);
    return Promise.resolve({
      nextSequence: stream?.nextSequence ?? 0n,
      lastDigest: stream?.lastDigest,
      unitKeyIds: new Map(stream?.unitKeyIds ?? []),
      rows: stream?.rows.slice(Number(fromSequence)) ?? [],
    });
  }

  mayRead(streamId: string, organisationId: string): Promise<boolean> {
    return Promise.resolve(this.#streams.get(streamId)?.readers.has(organisationId) ?? false);
  }

  nextInboxSequence(source: string, subject: string): Promise<bigint> {
    return Promise.resolve(this.#nextOfSubject.get(keyOf(source, subject)) ?? 0n);
  }

  append(command: PreparedCommand): Promise<AppendOutcome> {
    return Promise.resolve(this.settle(command));
  }

  /** `append`, at once. */
  settle(command: PreparedCommand): AppendOutcome {
    const stored = this.#commands.get(keyOf(command.principalId, command.commandId));
    if (stored) return { kind: Buffer.compare(stored.requestDigest, command.requestDigest) === 0 ? 'duplicate' : 'reused' };
    const turn = command.inbox && this.#turnOf(command.inbox);
    if (turn) return { kind: turn };
    for (const guard of command.guards) {
      const next = this.#streams.get(guard.streamId)?.nextSequence ?? 0n;
      if (next !== guard.expected) return { kind: 'conflict', streamId: guard.streamId };
    }
    return this.#write(command);
  }

  #turnOf(inbox: InboxEntry): 'consumed' | 'gap' | undefined {
    if (this.#consumed.has(keyOf(inbox.source, inbox.eventId))) return 'consumed';
    const next = this.#nextOfSubject.get(keyOf(inbox.source, inbox.subject)) ?? 0n;
    if (inbox.sequence === next) return undefined;
    return inbox.sequence < next ? 'consumed' : 'gap';
  }

  #write(command: PreparedCommand): AppendOutcome {
    const firstPosition = BigInt(this.#log.length);
    const recorded: RecordedEvent[] = [];
    for (const { recordDigest, ...event } of command.events) {
      const row: LogRow = { ...event, position: BigInt(this.#log.length) };
      this.#log.push(row);
      this.#stream(row.streamId).rows.push(row);
      recorded.push({
        eventId: row.eventId,
        type: row.type,
        streamId: row.streamId,
        sequence: row.sequence,
        position: row.position,
        recordDigest,
      });
    }
    this.#writeStreams(command);
    this.#commands.set(keyOf(command.principalId, command.commandId), {
      requestDigest: command.requestDigest,
      result: command.result,
      recorded,
    });
    if (command.inbox) {
      this.#consumed.add(keyOf(command.inbox.source, command.inbox.eventId));
      this.#nextOfSubject.set(keyOf(command.inbox.source, command.inbox.subject), command.inbox.sequence + 1n);
    }
    return { kind: 'appended', firstPosition };
  }

  #writeStreams(command: PreparedCommand): void {
    for (const guard of command.guards) {
      if (guard.next === guard.expected) continue;
      const stream = this.#stream(guard.streamId);
      stream.nextSequence = guard.next;
      stream.lastDigest = guard.lastDigest;
    }
    for (const { streamId, group, keyId } of command.unitKeys) this.#stream(streamId).unitKeyIds.set(group, keyId);
    for (const { streamId, organisationId } of command.readers) this.#streams.get(streamId)?.readers.add(organisationId);
    for (const { streamId, kind, value, role } of command.links) {
      const { links } = this.#stream(streamId);
      const key = keyOf(kind, value);
      if (links.get(key)?.role !== 'identifies') links.set(key, { kind, value, role });
    }
  }

  #stream(streamId: string): StreamState {
    let stream = this.#streams.get(streamId);
    if (!stream) {
      stream = { nextSequence: 0n, lastDigest: undefined, rows: [], unitKeyIds: new Map(), readers: new Set(), links: new Map() };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }

  #find(keys: readonly NaturalKey[], scope: ReadScope): FoundStream[] {
    const wanted = keys.map(({ kind, value }) => keyOf(kind, value));
    return [...this.#streams].flatMap(([streamId, { links, readers }]) => {
      const roles = wanted.flatMap((key) => links.get(key)?.role ?? []);
      if (roles.length === 0 || (scope !== 'all' && !readers.has(scope.organisationId))) return [];
      return [{ streamId, identified: roles.includes('identifies'), keys: [...links.values()] }];
    });
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
