import type { KeyObject } from 'node:crypto';
import type { EventSchema, JsonObject } from '@countersign/kernel';
import { buildRecord, encodeDisclosures, recordDigest, type UnitKey } from '@countersign/record';
import type { LogIdentity } from './identity.js';
import type { LogRow, OpenedRow } from './log-reader.js';
import { openStoredRow } from './stored-row.js';

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

/** Turns events into records of one log, and rows back into events. Pure besides salts and event ids. */
export interface RecordSealer {
  /** @throws DomainError FIELD_INVALID, MESSAGE_TOO_LARGE */
  seal(input: SealInput): SealedEvent;
  /** Opens what the keys (by hex of their id) allow; reports instead of throwing. */
  open(row: LogRow, keys: ReadonlyMap<string, KeyObject>): OpenedRow;
}

/** What is the same for every record of a log. */
export interface RecordTerms {
  readonly identity: Pick<LogIdentity, 'origin' | 'itemKeys'>;
  /** Canonical text of a label (`formatLabel` of `@countersign/record`). */
  readonly label: string;
  /** Version of the policy that allows commands. */
  readonly policy: string;
}

/** The sealer of one log. */
export function recordSealer({ identity, label, policy }: RecordTerms): RecordSealer {
  const { origin, itemKeys } = identity;
  return {
    seal: ({ data, previous, causationId, ...input }) => {
      const record = buildRecord({
        ...input,
        origin,
        label,
        policy,
        eventData: data,
        itemKey: itemKeys.itemKey(input.streamId),
        ...(previous !== undefined && { prev: previous }),
        ...(causationId !== undefined && { causationId }),
      });
      const { eventId, type, header, entry, digest } = record;
      return {
        eventId,
        type,
        header,
        entry,
        recordDigest: digest,
        disclosures: encodeDisclosures(record.disclosures.map(({ envelope }) => envelope)),
      };
    },
    open: (row, keys) =>
      openStoredRow(row, { origin, itemKey: itemKeys.itemKey(row.streamId), recordDigest: recordDigest(row.header) }, keys),
  };
}
