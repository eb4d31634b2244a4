import type { JsonObject } from '@countersign/kernel';
import { sha256 } from '@countersign/merkle';
import { parseCanonical } from './canonical-json.js';
import { findBrokenField, HEADER_FIELDS, type BrokenRule } from './header-fields.js';
import { isObject, parsePayload, type Payload } from './payload.js';
import { malformed } from './refusal.js';
import { domainPrefix } from './suite.js';
import { findBrokenSystemRule } from './system-events.js';

export const HEADER_BYTES_MAX = 60 * 1024;

const PREFIX = domainPrefix('record');

/** Scratch: hashing is synchronous and nothing re-enters. */
const preimage = Buffer.alloc(PREFIX.length + HEADER_BYTES_MAX);
preimage.set(PREFIX);

/** A record's header, taken apart. `sd`, `publicData` and `intent` are the parts of `data`. */
export interface RecordHeader extends Payload {
  /** Event id, UUIDv7. */
  readonly id: string;
  /** Log origin. */
  readonly source: string;
  readonly type: string;
  /** Stream id. */
  readonly subject: string;
  readonly sequence: bigint;
  /** Record digest of the stream's previous record. */
  readonly prev?: Buffer;
  /** When it happened, as the author states it. */
  readonly time: string;
  /** When the log took it. */
  readonly recordedTime: string;
  /** Pseudonym. */
  readonly actor: string;
  readonly actingFor: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly label: string;
  readonly suite: string;
  readonly policy: string;
  readonly salt: Buffer;
  readonly claim?: Buffer;
  /** Reserved: checked for its form only. */
  readonly authorSignature?: string;
}

export interface HeaderContext {
  /** True for a log with a predecessor: there a stream's first record may name its last one in the predecessor (formats §6). */
  readonly continuesPredecessor?: boolean;
}

/**
 * Reads a header. Exactly one byte sequence is accepted for its content; every rule of formats §2 holds for the result.
 *
 * @throws DomainError RECORD_MALFORMED with the field and the rule
 */
export function parseHeader(bytes: Uint8Array, context: HeaderContext = {}): RecordHeader {
  if (bytes.length > HEADER_BYTES_MAX) throw malformed('header', `must not exceed ${HEADER_BYTES_MAX} bytes`);
  const header = parseCanonical(bytes);
  if (!isObject(header)) throw malformed('header', 'must be an object');
  for (const name of Object.keys(header)) {
    if (name !== 'data' && !Object.hasOwn(HEADER_FIELDS, name))
      throw malformed('header', 'holds a field that is not in the closed list');
  }
  const brokenField = findBrokenField(header);
  if (brokenField !== undefined) throw malformed(brokenField.field, brokenField.rule);
  const record = toRecordHeader(header);
  const broken = findBrokenChain(record.sequence, record.prev !== undefined, context) ?? findBrokenSystemRule(record);
  if (broken !== undefined) throw malformed(broken.field, broken.rule);
  return record;
}

/** Record digest: SHA-256(`countersign/record/v1\0` ‖ header bytes). Of the bytes as stored, never of re-serialised ones. */
export function recordDigest(header: Uint8Array): Buffer {
  if (header.length > HEADER_BYTES_MAX) return sha256(Buffer.concat([PREFIX, header]));
  preimage.set(header, PREFIX.length);
  return sha256(preimage.subarray(0, PREFIX.length + header.length));
}

/** The rule about `prev` that is broken, if any. */
export function findBrokenChain(sequence: bigint, hasPrev: boolean, context: HeaderContext): BrokenRule | undefined {
  if (sequence > 0n && !hasPrev) return { field: 'prev', rule: 'is required after sequence 0' };
  if (sequence === 0n && hasPrev && !context.continuesPredecessor) return { field: 'prev', rule: 'is absent at sequence 0' };
  return undefined;
}

function toRecordHeader(header: JsonObject): RecordHeader {
  const text = header as Readonly<Record<string, string>>;
  const required = (name: string): string => text[name] as string;
  const bytes = (name: string): Buffer => Buffer.from(required(name), 'base64url');
  return {
    id: required('id'),
    source: required('source'),
    type: required('type'),
    subject: required('subject'),
    sequence: BigInt(required('sequence')),
    ...(text['prev'] !== undefined && { prev: bytes('prev') }),
    time: required('time'),
    recordedTime: required('recordedtime'),
    actor: required('actor'),
    actingFor: required('actingfor'),
    ...(text['causationid'] !== undefined && { causationId: text['causationid'] }),
    correlationId: required('correlationid'),
    label: required('label'),
    suite: required('suite'),
    policy: required('policy'),
    salt: bytes('salt'),
    ...(text['claim'] !== undefined && { claim: bytes('claim') }),
    ...(text['authorsig'] !== undefined && { authorSignature: text['authorsig'] }),
    ...parsePayload(header['data'], text['authorsig'] !== undefined),
  };
}
