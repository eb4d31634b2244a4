import type { InboxEntry, UnitKeyStore } from '@countersign/event-log';
import { DISCLOSURES_HEADER, type IncomingMessage } from '@countersign/kafka';
import { DomainError, type CommandEnvelope, type JsonObject } from '@countersign/kernel';
import { isCorrelationId } from '@countersign/observability';
import {
  decodeDisclosures,
  mergeData,
  openDisclosures,
  parseEnvelope,
  parseHeader,
  recordDigest,
  type RecordHeader,
} from '@countersign/record';

import { z } from 'zod';

import type { ServiceActor } from './service-actor.js';

/** A fact of another service, read from its `evt` topic: header as it was hashed, content as far as the keys allow. */
export interface Fact {
  readonly header: RecordHeader;
  /** The header's bytes: the record. */
  readonly record: Uint8Array;
  /** Names the record when its effect points back at it. */
  readonly recordDigest: Uint8Array;
  /** Public and opened fields, as the newest version that the subscription reads has them (see `FactSubscription.upcasters`). */
  readonly data: JsonObject;
  /** Digests (base64url) of what is not open to this service: withheld or erased. */
  readonly withheld: readonly string[];
  /** MUST be handed to `journal.execute` with the effect, so that the effect happens once. */
  readonly inbox: InboxEntry;
  /**
   * For `journal.execute`: the service itself as actor, the fact's id as command id and cause, its correlation id, event time now.
   * `{ ...fact.envelope, eventTime: fact.header.time }` if the effect happened when its cause did.
   */
  readonly envelope: CommandEnvelope;
}

/** What every fact says about itself, without its content. */
export interface FactAddress extends InboxEntry {
  readonly type: string;
  readonly correlationId: string | undefined;
}

/** Bounded so that an address can always stand in a database row. */
const addressed = z.object({
  id: z.string().regex(/^[!-~]{1,64}$/),
  source: z.string().regex(/^[!-~]{1,256}$/),
  type: z.string().regex(/^countersign\.[a-z-]+\.[!-~]{1,128}$/),
  subject: z.string().regex(/^[!-~]{1,256}$/),
  /** 20 decimal digits; what a database column holds is 2^63 − 1. */
  sequence: z.string().regex(/^0\d{19}$/),
  correlationid: z.string().optional(),
});

/**
 * Reads only what is needed to pass a fact by.
 * @throws DomainError SCHEMA_INVALID, SCHEMA_UNKNOWN (a fact of another context than its topic's)
 */
export function factAddress({ topic, value }: IncomingMessage): FactAddress {
  const read = addressed.safeParse(parsed(value));
  if (!read.success) throw new DomainError('SCHEMA_INVALID', { field: 'value', rule: 'a record header' });
  const { id: eventId, source, type, subject, sequence, correlationid: correlationId } = read.data;
  const [, context] = /countersign\.evt\.([a-z-]+)\./.exec(topic) ?? [];
  if (context !== undefined && !type.startsWith(`countersign.${context}.`)) {
    throw new DomainError('SCHEMA_UNKNOWN', { field: 'type', rule: 'a topic carries facts of its own context' });
  }
  return {
    eventId,
    source,
    type,
    subject,
    sequence: BigInt(sequence),
    correlationId: isCorrelationId(correlationId) ? correlationId : undefined,
  };
}

export interface FactReaderOptions {
  readonly unitKeys: UnitKeyStore;
  readonly actor: ServiceActor;
}

/**
 * Reads and opens a fact.
 * @throws DomainError SCHEMA_INVALID, RECORD_ALTERED, DEPENDENCY_UNAVAILABLE
 */
export async function readFact(message: IncomingMessage, { unitKeys, actor }: FactReaderOptions): Promise<Fact> {
  const record = message.value ?? Buffer.alloc(0);
  const header = headerOf(record);
  const envelopes = decodeDisclosures(disclosuresOf(message));
  const keys = await unitKeys.get(envelopes.map((envelope) => parseEnvelope(envelope).keyId));
  const { opened, withheld } = openDisclosures(header, envelopes, (keyId) => keys.get(keyId));
  return {
    header,
    record,
    recordDigest: recordDigest(record),
    data: mergeData(header, opened),
    withheld,
    inbox: { source: header.source, eventId: header.id, subject: header.subject, sequence: header.sequence },
    envelope: {
      commandId: header.id,
      actor: await actor(),
      eventTime: new Date().toISOString(),
      correlationId: header.correlationId,
      causationId: header.id,
      request: record,
    },
  };
}

function headerOf(record: Uint8Array): RecordHeader {
  try {
    return parseHeader(record);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new DomainError('SCHEMA_INVALID', cause.detail, { cause });
  }
}

function disclosuresOf({ headers }: IncomingMessage): Buffer {
  const [bytes, ...more] = headers.get(DISCLOSURES_HEADER) ?? [];
  if (more.length > 0) throw new DomainError('SCHEMA_INVALID', { field: DISCLOSURES_HEADER, rule: 'at most once' });
  return bytes ?? Buffer.alloc(0);
}

function parsed(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString('utf8') ?? '');
  } catch {
    // Not JSON: refused like JSON that is no header.
    return undefined;
  }
}
