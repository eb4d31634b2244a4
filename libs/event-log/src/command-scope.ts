import { DomainError, type DomainEvent, type JsonObject, type Link, type StreamDefinition } from '@countersign/kernel';
import type { FoldedStream } from './fold-cache.js';
import { foldPlanOf, withoutErasable, type EventPlan } from './fold-plan.js';
import type { OpenStream, UnitOfWork } from './journal.js';
import type { LoadedState, StreamLoader } from './stream-loader.js';

/** An event that a decision appended, before it is sealed. */
export interface PendingEvent {
  readonly stream: ScopedStream;
  readonly plan: EventPlan;
  readonly data: JsonObject;
  readonly links: readonly Link[];
}

/** A stream as one command sees it. */
export interface ScopedStream {
  readonly definition: object;
  readonly streamId: string;
  readonly loaded: LoadedState<unknown>;
  readonly sharedWith: ReadonlySet<string>;
  /** Its state with the command's own events. */
  currentState(): unknown;
}

/** Collects what one run of a decision opens, appends and shares. */
export class CommandScope implements UnitOfWork {
  // Owned by one attempt of one command.
  readonly #streams = new Map<string, Promise<Stream<unknown, DomainEvent>>>();
  readonly #opened: ScopedStream[] = [];
  readonly #events: PendingEvent[] = [];

  constructor(private readonly loader: StreamLoader) {}

  /** In the order of opening. */
  get streams(): readonly ScopedStream[] {
    return this.#opened;
  }

  /** In the order of appending. */
  get events(): readonly PendingEvent[] {
    return this.#events;
  }

  async open<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    key: string,
  ): Promise<OpenStream<State, Event>> {
    const streamId = streamIdOf(definition.category, key);
    let stream = this.#streams.get(streamId);
    if (!stream) {
      stream = this.#load(definition, streamId);
      this.#streams.set(streamId, stream);
    }
    return (await stream) as unknown as Stream<State, Event>;
  }

  async #load<State, Event extends DomainEvent>(
    definition: StreamDefinition<State, Event>,
    streamId: string,
  ): Promise<Stream<unknown, DomainEvent>> {
    const loaded = await this.loader.load(definition, streamId);
    const stream = new Stream(definition, streamId, loaded, this.#events);
    this.#opened.push(stream);
    return stream as unknown as Stream<unknown, DomainEvent>;
  }
}

/**
 * `<category>/<key>`; printable, so that it can stand in a header, a Kafka key's preimage and a SQL text.
 *
 * @throws DomainError FIELD_INVALID
 */
export function streamIdOf(category: string, key: string): string {
  const streamId = `${category}/${key}`;
  if (key.length === 0 || streamId.length > STREAM_ID_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(streamId)) {
    throw new DomainError('FIELD_INVALID', {
      field: 'stream',
      rule: `a stream id has 1 to ${STREAM_ID_LENGTH_MAX} visible ASCII characters`,
    });
  }
  return streamId;
}

const STREAM_ID_LENGTH_MAX = 200;

class Stream<State, Event extends DomainEvent> implements OpenStream<State, Event>, ScopedStream {
  readonly sharedWith = new Set<string>();
  readonly exists: boolean;
  #state: State;

  constructor(
    readonly definition: StreamDefinition<State, Event>,
    readonly streamId: string,
    readonly loaded: FoldedStream<State> & LoadedState<State>,
    private readonly events: PendingEvent[],
  ) {
    this.exists = loaded.nextSequence > 0n;
    this.#state = loaded.state;
  }

  get state(): State {
    return this.#state;
  }

  currentState(): State {
    return this.#state;
  }

  append(...events: Event[]): void {
    for (const event of events) {
      const plan = foldPlanOf(this.definition).byName(event.type);
      const data = plainCopy(event.data);
      this.events.push({ stream: this, plan, data, links: this.definition.links(event) });
      // Folded as it will be read back: without what may be erased.
      this.#state = this.definition.evolve(this.#state, {
        type: event.type,
        data: withoutErasable(plan, data),
      } as DomainEvent as Event);
    }
  }

  share(...organisationIds: string[]): void {
    for (const id of organisationIds) this.sharedWith.add(id);
  }
}

/** As JSON stores it: absent fields gone, nothing shared with the caller any more. */
function plainCopy(data: object): JsonObject {
  return JSON.parse(JSON.stringify(data)) as JsonObject;
}
