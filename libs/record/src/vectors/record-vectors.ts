import type { EventSchema, JsonObject } from '@countersign/kernel';
import { encodeBase64Url } from '@countersign/merkle';
import { buildRecord, type RecordDraft } from '../build-record.js';
import { claimObject, type Claim } from '../claim.js';
import { encodeDisclosures } from '../disclosure-list.js';
import { createDisclosure } from '../disclosure.js';
import { domainPrefix } from '../suite.js';
import { COVER, ERASED, KEY_ROTATED, LOG_CLOSED, LOG_OPENED, logStreamId } from '../system-events.js';
import { fixedBytes, hex, itemKeys, LOG_ID, ORIGIN, unitKeyOf } from './fixed-inputs.js';

const RECEIVED: EventSchema = {
  type: 'countersign.inventory.MaterielReceived.v1',
  fields: {
    documentNumber: 'public',
    quantity: 'public',
    unitOfIssue: 'public',
    lots: 'public',
    unitPrice: { group: 'price' },
    currency: { group: 'price' },
    remark: { group: 'remarks', erasable: true },
  },
};

interface RecordCase {
  readonly name: string;
  readonly schema: EventSchema;
  readonly eventData: JsonObject;
  readonly streamId: string;
  readonly sequence: bigint;
  /** Name of the case whose record comes before in the stream. */
  readonly after?: string;
  readonly causationId?: string;
  readonly claim?: Claim;
  readonly eventTime?: string;
  readonly label?: string;
}

export const VECTOR_CLAIM: Claim = {
  salt: fixedBytes('claim salt'),
  chainId: 'countersign-development',
  contractId: '0x00000000000000000000000000000000000c0de0',
  agreement: fixedBytes('agreement'),
  line: fixedBytes('line'),
  condition: fixedBytes('condition'),
  value: true,
};

const CASES: readonly RecordCase[] = [
  {
    name: 'LogOpened, leaf 0',
    schema: LOG_OPENED,
    eventData: { logId: hex(LOG_ID) },
    streamId: logStreamId(ORIGIN),
    sequence: 0n,
    label: 'UNCLASSIFIED',
  },
  {
    name: 'first of a stream, one disclosure',
    schema: RECEIVED,
    eventData: { documentNumber: 'W99DP160600001', quantity: 4, unitOfIssue: 'EA', unitPrice: '18250.00', currency: 'EUR' },
    streamId: 'stock/Z9D/129999901',
    sequence: 0n,
  },
  {
    name: 'second of a stream, no disclosure, nested public value',
    schema: RECEIVED,
    eventData: { documentNumber: 'W99DP160600002', quantity: 1, unitOfIssue: 'EA', lots: [{ lot: 'L-1', count: 1 }, null, true] },
    streamId: 'stock/Z9D/129999901',
    sequence: 1n,
    after: 'first of a stream, one disclosure',
    causationId: '0198f3a0-0001-7000-8000-000000000001',
    eventTime: '2026-03-02T23:15:00-00:00',
  },
  {
    name: 'third of a stream, two disclosures, text beyond ASCII',
    schema: RECEIVED,
    eventData: {
      documentNumber: 'W99DP160600003',
      quantity: 2,
      unitOfIssue: 'EA',
      unitPrice: '7.10',
      currency: 'EUR',
      remark: 'Plombe beschädigt – „siehe Foto“ 📷\n',
    },
    streamId: 'stock/Z9D/129999901',
    sequence: 2n,
    after: 'second of a stream, no disclosure, nested public value',
  },
  {
    name: 'reserved: with a claim',
    schema: RECEIVED,
    eventData: { documentNumber: 'W99DP160600004', quantity: 1, unitOfIssue: 'EA' },
    streamId: 'stock/Z9D/129999902',
    sequence: 0n,
    claim: VECTOR_CLAIM,
  },
  {
    name: 'largest sequence',
    schema: COVER,
    eventData: {},
    streamId: 'cover/1',
    sequence: 2n ** 64n - 1n,
    after: 'LogOpened, leaf 0',
    label: 'COSMIC TOP SECRET REL TO USA',
  },
  {
    name: 'reserved: KeyRotated',
    schema: KEY_ROTATED,
    eventData: {
      keyUse: 'leaves',
      retiredKey: hex(fixedBytes('retired key')),
      newKey: hex(fixedBytes('new key')),
      validFrom: '2026-04-01T00:00:00Z',
    },
    streamId: logStreamId(ORIGIN),
    sequence: 1n,
    after: 'LogOpened, leaf 0',
  },
  {
    name: 'reserved: Erased',
    schema: ERASED,
    eventData: {
      recordDigest: hex(fixedBytes('erased record')),
      sdDigest: hex(fixedBytes('erased disclosure')),
      keyId: hex(fixedBytes('erased key', 16)),
      ground: 'request of the data subject',
      authority: 'data protection officer, decision 7',
    },
    streamId: logStreamId(ORIGIN),
    sequence: 2n,
    after: 'reserved: KeyRotated',
  },
  {
    name: 'reserved: LogClosed',
    schema: LOG_CLOSED,
    eventData: { logId: hex(LOG_ID), reason: 'service retired', successorLogId: hex(fixedBytes('successor')) },
    streamId: logStreamId(ORIGIN),
    sequence: 3n,
    after: 'reserved: Erased',
  },
];

export interface DisclosureVector {
  readonly group: string;
  readonly salt: string;
  readonly object: JsonObject;
  /** The disclosure as SD-JWT libraries read it. */
  readonly encoded: string;
  readonly digest: string;
  /** As it stands in `_sd`. */
  readonly sd: string;
  readonly keyId: string;
  readonly key: string;
  readonly nonce: string;
  readonly associatedData: string;
  readonly envelope: string;
}

/** Binary values are hex, the sequence is decimal. Times, ids and texts are as in the header. */
export interface RecordVector {
  readonly name: string;
  readonly schema: EventSchema;
  readonly eventData: JsonObject;
  readonly origin: string;
  readonly streamId: string;
  readonly sequence: string;
  readonly prev?: string;
  readonly eventTime: string;
  readonly recordedTime: string;
  readonly actor: string;
  readonly actingFor: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly label: string;
  readonly policy: string;
  readonly eventId: string;
  readonly itemKey: string;
  readonly headerSalt: string;
  readonly claim?: JsonObject;
  readonly header: string;
  readonly recordDigest: string;
  readonly entry: string;
  readonly leafHash: string;
  readonly disclosures: readonly DisclosureVector[];
  /** All envelopes, framed as at rest and in the Kafka header. */
  readonly disclosureList: string;
}

/** Consecutive records of one log: their positions are their places in this list. */
export function recordVectors(): RecordVector[] {
  const made = new Map<string, RecordVector>();
  for (const [position, record] of CASES.entries()) made.set(record.name, recordVector(record, position, made));
  return [...made.values()];
}

function recordVector(record: RecordCase, position: number, earlier: ReadonlyMap<string, RecordVector>): RecordVector {
  const prev = record.after === undefined ? undefined : earlier.get(record.after)?.recordDigest;
  const { name, schema, eventData, streamId, causationId, claim } = record;
  const groups = new Map(
    ['price', 'remarks', 'claim'].map((group) => [group, fixedBytes(`salt of ${group} in ${name}`)] as const),
  );
  const draft: RecordDraft = {
    origin: ORIGIN,
    schema,
    eventData,
    streamId,
    sequence: record.sequence,
    ...(prev !== undefined && { prev: Buffer.from(prev, 'hex') }),
    eventTime: record.eventTime ?? `2026-03-0${position + 1}T10:00:00+02:00`,
    recordedTime: `2026-03-0${position + 1}T08:00:01.25Z`,
    actor: 'a-7d1f0c52',
    actingFor: 'W99DP1',
    ...(causationId !== undefined && { causationId }),
    correlationId: `0198f3a0-0000-7000-8000-00000000000${position}`,
    label: record.label ?? 'NATO RESTRICTED REL TO DEU LTU NLD POL USA',
    policy: 'policy-1',
    unitKeys: new Map(['price', 'remarks', 'claim'].map((group) => [group, unitKeyOf(group)])),
    itemKey: itemKeys.itemKey(streamId),
    eventId: `0198f3a0-0001-7000-8000-00000000000${position}`,
    ...(claim !== undefined && { claim }),
    salts: { header: fixedBytes(`header salt of ${name}`), groups },
  };
  return { ...inputOf(name, draft), ...outputOf(draft, groups) };
}

type InputMember = Exclude<keyof RecordVector, keyof ReturnType<typeof outputOf>>;

function inputOf(name: string, draft: RecordDraft): Pick<RecordVector, InputMember> {
  const { origin, streamId, eventTime, recordedTime, actor, actingFor, causationId, correlationId, label, policy } = draft;
  return {
    name,
    schema: draft.schema,
    eventData: draft.eventData,
    origin,
    streamId,
    sequence: draft.sequence.toString(),
    ...(draft.prev !== undefined && { prev: hex(draft.prev) }),
    eventTime,
    recordedTime,
    actor,
    actingFor,
    ...(causationId !== undefined && { causationId }),
    correlationId,
    label,
    policy,
    eventId: draft.eventId ?? '',
    itemKey: hex(draft.itemKey),
    headerSalt: hex(draft.salts?.header ?? Buffer.alloc(0)),
    ...(draft.claim !== undefined && { claim: claimObject(draft.claim) }),
  };
}

function outputOf(
  draft: RecordDraft,
  groups: ReadonlyMap<string, Buffer>,
): Pick<RecordVector, 'header' | 'recordDigest' | 'entry' | 'leafHash' | 'disclosures' | 'disclosureList'> {
  const record = buildRecord(draft);
  return {
    header: record.header.toString(),
    recordDigest: hex(record.digest),
    entry: hex(record.entry),
    leafHash: hex(record.leafHash),
    disclosures: record.disclosures.map(({ group, envelope }) => disclosureVector(draft, group, groups.get(group) ?? Buffer.alloc(0), envelope)),
    disclosureList: hex(encodeDisclosures(record.disclosures.map(({ envelope }) => envelope))),
  };
}

function disclosureVector(draft: RecordDraft, group: string, salt: Buffer, envelope: Buffer): DisclosureVector {
  const disclosure = createDisclosure(salt, group, objectOf(draft, group));
  const { keyId, raw } = unitKeyOf(group);
  const bound = Buffer.concat([domainPrefix('disclosure'), Buffer.from(`${draft.origin}\0${draft.eventId ?? ''}\0`), keyId, disclosure.digest]);
  return {
    group,
    salt: hex(salt),
    object: disclosure.object,
    encoded: disclosure.encoded,
    digest: hex(disclosure.digest),
    sd: encodeBase64Url(disclosure.digest),
    keyId: hex(keyId),
    key: hex(raw),
    nonce: hex(disclosure.digest.subarray(0, 12)),
    associatedData: hex(bound),
    envelope: hex(envelope),
  };
}

function objectOf({ schema, eventData, claim }: RecordDraft, group: string): JsonObject {
  if (group === 'claim' && claim !== undefined) return claimObject(claim);
  const members = Object.entries(eventData).filter(([name]) => {
    const placement = schema.fields[name];
    return typeof placement === 'object' && placement.group === group;
  });
  return Object.fromEntries(members);
}
