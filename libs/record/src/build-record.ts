import type { EventSchema, JsonObject } from '@countersign/kernel';
import { DomainError } from '@countersign/kernel';
import { encodeBase64Url, leafHash } from '@countersign/merkle';
import { canonicalJson } from './canonical-json.js';
import { claimDigest, type Claim } from './claim.js';
import type { Disclosure } from './disclosure.js';
import { encodeEntry } from './entry.js';
import { sealDisclosure, type EventAddress, type UnitKey } from './envelope.js';
import { findBrokenField } from './header-fields.js';
import { findBrokenChain, HEADER_BYTES_MAX, recordDigest, type HeaderContext } from './header.js';
import { freshEventId } from './event-id.js';
import { randomSalt } from './randomness.js';
import { invalid, requireSize } from './refusal.js';
import { sealData, type SealedData } from './seal-data.js';
import { DIGEST_SIZE, SALT_SIZE, SUITE } from './suite.js';
import { findBrokenSystemRule } from './system-events.js';

/** Everything that makes a record. Times, ids and pseudonyms come from outside: building is pure but for salts and the event id. */
export interface RecordDraft extends HeaderContext {
  /** Log origin. */
  readonly origin: string;
  readonly schema: EventSchema;
  /** Flat; placed by the schema. */
  readonly eventData: JsonObject;
  readonly streamId: string;
  readonly sequence: bigint;
  /** Record digest of the stream's previous record; absent at sequence 0. */
  readonly prev?: Uint8Array;
  /** RFC 3339 with an offset. */
  readonly eventTime: string;
  readonly recordedTime: string;
  /** Pseudonym of principal, appointment and log, never a name. */
  readonly actor: string;
  readonly actingFor: string;
  readonly causationId?: string;
  readonly correlationId: string;
  /** Canonical text of a label (`formatLabel`). */
  readonly label: string;
  /** Version of the policy that allowed the command. */
  readonly policy: string;
  /** The unit key of every group of which the data has a field. */
  readonly unitKeys: ReadonlyMap<string, UnitKey>;
  readonly itemKey: Uint8Array;
  /** UUIDv7; a fresh one otherwise. */
  readonly eventId?: string;
  /** Reserved: evidence claims are built later. */
  readonly claim?: Claim;
  /** Fixed salts, for vectors only: a salt that is used twice makes equal content recognisable. */
  readonly salts?: RecordSalts;
}

export interface RecordSalts {
  readonly header: Uint8Array;
  /** By group. */
  readonly groups: ReadonlyMap<string, Uint8Array>;
}

export interface SealedDisclosure {
  readonly group: string;
  readonly keyId: Buffer;
  /** Stands in the header's `_sd`. */
  readonly digest: Buffer;
  /** Encrypted (formats §3). */
  readonly envelope: Buffer;
}

/** A finished record: store, publish and hash exactly these bytes. */
export interface SealedRecord {
  readonly eventId: string;
  readonly type: string;
  readonly header: Buffer;
  /** Record digest. */
  readonly digest: Buffer;
  /** 105 bytes. */
  readonly entry: Buffer;
  readonly leafHash: Buffer;
  readonly disclosures: readonly SealedDisclosure[];
  /** Ids of the unit keys used, each once. */
  readonly keyIds: readonly Buffer[];
}

/**
 * Builds a record: header, disclosures, entry and leaf. What it returns passes `parseHeader`.
 *
 * @throws DomainError FIELD_INVALID with the field and the rule; MESSAGE_TOO_LARGE if the header exceeds 60 KiB; INTERNAL if the
 * unit key of a group is not given
 */
export function buildRecord(draft: RecordDraft): SealedRecord {
  const eventId = draft.eventId ?? freshEventId();
  const claim = draft.claim === undefined ? undefined : claimDigest(draft.claim);
  const sealedData = sealData(draft.schema, draft.eventData, draft.claim, draft.salts?.groups);
  const header = canonicalJson(headerOf(draft, eventId, claim, sealedData));
  if (header.length > HEADER_BYTES_MAX) {
    throw new DomainError('MESSAGE_TOO_LARGE', { field: 'header', rule: `must not exceed ${HEADER_BYTES_MAX} bytes` });
  }
  const digest = recordDigest(header);
  const { itemKey, sequence, unitKeys, origin, schema } = draft;
  const entry = encodeEntry({ itemKey, sequence, recordDigest: digest, ...(claim !== undefined && { claimDigest: claim }) });
  const sealed = sealedData.disclosures.map((disclosure) => sealWith(unitKeys, disclosure, { source: origin, eventId }));
  const keyIds = new Map(sealed.map(({ keyId }) => [keyId.toString('hex'), keyId]));
  return {
    eventId,
    type: schema.type,
    header,
    digest,
    entry,
    leafHash: leafHash(entry),
    disclosures: sealed,
    keyIds: [...keyIds.values()],
  };
}

/** The header's fields, in canonical order so that nothing has to be sorted. */
function headerOf(draft: RecordDraft, eventId: string, claim: Uint8Array | undefined, sealedData: SealedData): JsonObject {
  const { sequence, prev, causationId } = draft;
  if (prev !== undefined) requireSize(prev, DIGEST_SIZE, 'prev');
  const header = {
    actingfor: draft.actingFor,
    actor: draft.actor,
    ...(causationId !== undefined && { causationid: causationId }),
    ...(claim !== undefined && { claim: encodeBase64Url(claim) }),
    correlationid: draft.correlationId,
    data: sealedData.data,
    datacontenttype: 'application/json',
    id: eventId,
    label: draft.label,
    policy: draft.policy,
    ...(prev !== undefined && { prev: encodeBase64Url(prev) }),
    recordedtime: draft.recordedTime,
    salt: encodeBase64Url(draft.salts?.header ?? randomSalt(SALT_SIZE)),
    sequence: sequence.toString().padStart(20, '0'),
    source: draft.origin,
    specversion: '1.0',
    subject: draft.streamId,
    suite: SUITE,
    time: draft.eventTime,
    type: draft.schema.type,
  };
  const { type, source, subject } = header;
  const broken =
    findBrokenField(header) ??
    findBrokenChain(sequence, prev !== undefined, draft) ??
    findBrokenSystemRule({ ...sealedData, type, source, subject, sequence });
  if (broken !== undefined) throw invalid(broken.field, broken.rule);
  return header;
}

function sealWith(unitKeys: ReadonlyMap<string, UnitKey>, disclosure: Disclosure, event: EventAddress): SealedDisclosure {
  const unitKey = unitKeys.get(disclosure.group);
  if (unitKey === undefined) throw new DomainError('INTERNAL', { field: disclosure.group, rule: 'needs a unit key' });
  const { group, digest } = disclosure;
  return { group, keyId: Buffer.from(unitKey.keyId), digest, envelope: sealDisclosure(disclosure, event, unitKey) };
}
