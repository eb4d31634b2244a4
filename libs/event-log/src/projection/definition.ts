import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import type { EntityManager, EntityTarget } from 'typeorm';

/** What every row of a read model has. The two are its table's primary key. */
export interface ReadModelRow {
  /** The generation it belongs to; see `ProjectionDefinition`. */
  generation: number;
  /** Natural key, the same in every generation. */
  key: string;
}

/** Where the rows of one batch go: the transaction that moves the cursor, so each record takes effect exactly once. */
export interface GenerationScope {
  readonly manager: EntityManager;
  readonly generation: number;
}

/** One event as a read model sees it. */
export interface ProjectedEvent<Event extends DomainEvent = DomainEvent> {
  readonly position: bigint;
  readonly streamId: string;
  /** Stream id without its category. */
  readonly key: string;
  readonly event: Event;
}

/** As much of a stream definition as is needed to read its events. */
export type ProjectedStream = Pick<StreamDefinition<unknown, DomainEvent>, 'category' | 'schemas' | 'upcasters'>;

/**
 * A read model: which records it reads and what rows they make. Its tables hold several generations of it at once, told apart by
 * `generation`; one is live. Rebuilding fills another generation from the log and then makes that one live.
 * - `project` MUST depend on nothing but the events and the rows of its own generation: no clock, no other table, no random value.
 *   Otherwise comparing finds differences that nobody made.
 * - A record of a category it reads but of a type that it does not know stops it with EVENT_TYPE_UNKNOWN, unless `passes` names the type.
 * - It sees public fields and those of `groups`; never a personal or an erasable group, whatever is listed.
 */
export interface ProjectionDefinition<Event extends DomainEvent = DomainEvent> {
  /** Unique in the service, kebab case. */
  readonly name: string;
  /** Raised whenever `project` makes other rows than before: a higher version than the live one's is built at start by itself. */
  readonly version: number;
  /** The tables it owns. Their primary key is (generation, key). */
  readonly tables: readonly EntityTarget<ReadModelRow>[];
  /** Records of other categories are passed over unopened. */
  readonly streams: readonly ProjectedStream[];
  /** Release groups whose values may stand in the read model, in clear. */
  readonly groups: readonly string[];
  /** Event types (`countersign.<context>.<Event>.v<n>`) of its streams that it does not read. */
  readonly passes?: readonly string[];
  /** Events in position order. */
  project(events: readonly ProjectedEvent<Event>[], scope: GenerationScope): Promise<void>;
}
