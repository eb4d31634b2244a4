import type { EventSchema, JsonObject } from '@countersign/kernel';
import type { KeyObject } from 'node:crypto';
import type { LogRow, OpenedRow } from './log-reader.js';
import type { UnitKey } from './unit-keys.js';

/** What one record is made of, besides what is the same for every record of a log. */
export interface SealInput {
  readonly schema: EventSchema;
  readonly data: JsonObject;
  readonly streamId: string;
  readonly sequence: bigint;
  /** Record digest of the stream's previous record; undefined at sequence 0. */
  readonly previous: Uint8Array | undefined;
  readonly eventTime: string;
  readonly recordedTime: string;
  /** Pseudonym. */
  readonly actor: string;
  readonly actingFor: string;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  /** One key per release group that the data needs. */
  readonly unitKeys: ReadonlyMap<string, UnitKey>;
}

/** A record in its final bytes. */
export interface SealedEvent {
  readonly eventId: string;
  readonly type: string;
  readonly header: Uint8Array;
  readonly entry: Uint8Array;
  readonly disclosures: Uint8Array;
  readonly recordDigest: Uint8Array;
}

/** Turns events into records of one log, and rows back into events. Pure besides randomness. */
export interface RecordSealer {
  /** @throws DomainError FIELD_INVALID for data its schema does not allow */
  seal(input: SealInput): SealedEvent;
  /** Ids of the keys that a row's disclosures name; empty if the row is unreadable. */
  keyIdsOf(row: LogRow): readonly Uint8Array[];
  /** Opens what the keys (by hex of their id) allow; reports instead of throwing. */
  open(row: LogRow, keys: ReadonlyMap<string, KeyObject>): OpenedRow;
  /** Record digest of header bytes (formats §2). */
  digestOf(header: Uint8Array): Uint8Array;
}
