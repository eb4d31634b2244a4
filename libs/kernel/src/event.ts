import type { JsonObject } from './json.js';

/** A fact as the domain speaks of it: short past-tense name, plain data. Quantities are integers. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
}

/** Where a field of an event's data stands in the record (formats §2). */
export type FieldPlacement = 'public' | { readonly group: string; readonly erasable?: boolean };

/**
 * Whether a release group holds values about a person: `personal`, or `personal-` and a name. They are shown by identity's own queries
 * only, to whom it allows; no evidence door opens them, not even to auditors.
 */
export function isPersonalGroup(group: string): boolean {
  return group === 'personal' || group.startsWith('personal-');
}

/**
 * The published form of one event type. Closed: a field that is not listed is refused, never defaulted.
 * - `public` fields stand readable in the header's `data`.
 * - every other field travels in the disclosure of its release group, encrypted under that group's unit key.
 * - fields of an `erasable` group are never read back when folding: no decider depends on a value that may be erased.
 */
export interface EventSchema {
  /** `countersign.<context>.<Event>.v<n>`; never changes. */
  readonly type: `countersign.${string}.${string}.v${number}`;
  readonly fields: Readonly<Record<string, FieldPlacement>>;
}

/** An event as a record's `type` and `data` say it. */
export interface PublishedEvent {
  readonly type: EventSchema['type'];
  readonly data: EventData;
}

/**
 * Reads an earlier version of an event with today's eyes. Records are never changed: whoever reads one applies this, every time.
 * Names never change and schemas are frozen, so a version that was ever shipped stays here for ever.
 */
export interface Upcaster {
  /** The earlier version, as it was published. */
  readonly schema: EventSchema;
  /**
   * What the event says in the words of a later version: one event, or several where it was split. Pure and total over everything
   * that was ever recorded. A result of an earlier version is taken further by that version's own upcaster. When folding, erasable
   * fields are missing.
   */
  upcast(data: EventData): readonly PublishedEvent[];
}

/** A natural key that a record is about; dossiers are found and joined by links. */
export interface Link {
  readonly kind: 'uii' | 'document-number' | 'piid' | 'tcn' | 'nsn' | 'organisation' | 'rtd-reference' | 'principal';
  readonly value: string;
  /** `identifies`: the stream is that thing's own; `mentions`: it only refers to it. */
  readonly role: 'identifies' | 'mentions';
}

/**
 * One kind of stream: how its state is folded and how its events are published. Pure.
 * The stream id is `<category>/<key>`.
 */
export interface StreamDefinition<State, Event extends DomainEvent> {
  readonly category: string;
  readonly initial: State;
  /** MUST be total over the event types; an unknown type has been refused before. */
  evolve(state: State, event: Event): State;
  /** The newest version of each event: what is written from now on. */
  readonly schemas: { readonly [Type in Event['type']]: EventSchema };
  /** Every earlier version ever shipped. Absent: there is none. */
  readonly upcasters?: readonly Upcaster[];
  /** The natural keys an event names; kept beside the stream when it is recorded, so that dossiers can be found. */
  links(event: Event): readonly Link[];
}

/** Data as it stands in a record, for code that does not know the event's type. */
export type EventData = JsonObject;
