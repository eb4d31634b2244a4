import type { KeyObject } from 'node:crypto';
import { DomainError, type JsonObject } from '@countersign/kernel';
import {
  decodeDisclosures,
  mergeData,
  openDisclosure,
  parseEntry,
  parseEnvelope,
  parseHeader,
  type Disclosure,
  type Envelope,
  type RecordHeader,
} from '@countersign/record';
import type { LogRow, OpenedRow } from './log-reader.js';

/** What a row must agree with, computed from what this service knows. */
export interface RowFacts {
  readonly origin: string;
  readonly itemKey: Uint8Array;
  readonly recordDigest: Uint8Array;
}

interface OpenedContent {
  readonly data: JsonObject;
  readonly disclosures: readonly Disclosure[];
  readonly altered: readonly string[];
  readonly withheld: readonly { readonly digest: string; readonly keyId: string }[];
  readonly missing: readonly string[];
}

/** Takes a stored row apart. What somebody changed is reported, never thrown: evidence of tampering has to be readable. */
export function openStoredRow(row: LogRow, facts: RowFacts, keys: ReadonlyMap<string, KeyObject>): OpenedRow {
  const header = unlessMalformed(() => parseHeader(row.header));
  const { recordDigest } = facts;
  if (!header)
    return { row, recordDigest, header, consistent: false, data: {}, disclosures: [], altered: [], withheld: [], missing: [] };
  return { row, recordDigest, header, consistent: isConsistent(row, header, facts), ...openContent(row, header, keys) };
}

/** Ids of the keys that a row's disclosures name; none if they are unreadable. */
export function keyIdsOf(row: LogRow): readonly Uint8Array[] {
  return (envelopesOf(row) ?? []).map(({ envelope }) => envelope.keyId);
}

function isConsistent(row: LogRow, header: RecordHeader, facts: RowFacts): boolean {
  const entry = unlessMalformed(() => parseEntry(row.entry));
  return (
    entry !== undefined &&
    header.source === facts.origin &&
    header.subject === row.streamId &&
    header.sequence === row.sequence &&
    header.id === row.eventId &&
    header.type === row.type &&
    entry.sequence === row.sequence &&
    entry.recordDigest.equals(facts.recordDigest) &&
    entry.itemKey.equals(facts.itemKey) &&
    sameClaim(entry.claimDigest, header.claim)
  );
}

function sameClaim(inEntry: Buffer | undefined, inHeader: Buffer | undefined): boolean {
  if (inEntry === undefined || inHeader === undefined) return inEntry === inHeader;
  return inEntry.equals(inHeader);
}

function openContent(row: LogRow, header: RecordHeader, keys: ReadonlyMap<string, KeyObject>): OpenedContent {
  const envelopes = envelopesOf(row);
  if (!envelopes) return { data: header.publicData, disclosures: [], altered: header.sd, withheld: [], missing: [] };
  const disclosures: Disclosure[] = [];
  const altered: string[] = [];
  const withheld: { digest: string; keyId: string }[] = [];
  const missing = new Set(header.sd);
  for (const { bytes, envelope } of envelopes) {
    const digest = envelope.digest.toString('base64url');
    missing.delete(digest);
    const keyId = envelope.keyId.toString('hex');
    const key = keys.get(keyId);
    if (!header.sd.includes(digest)) altered.push(digest);
    else if (!key) withheld.push({ digest, keyId });
    else {
      const opened = unlessMalformed(() => openDisclosure({ header, envelope: bytes, key }));
      if (opened) disclosures.push(opened);
      else altered.push(digest);
    }
  }
  const data = unlessMalformed(() => mergeData(header, disclosures));
  if (!data) return { data: header.publicData, disclosures: [], altered: header.sd, withheld: [], missing: [] };
  return { data, disclosures, altered, withheld, missing: [...missing] };
}

function envelopesOf(row: LogRow): readonly { readonly bytes: Buffer; readonly envelope: Envelope }[] | undefined {
  return unlessMalformed(() => decodeDisclosures(row.disclosures).map((bytes) => ({ bytes, envelope: parseEnvelope(bytes) })));
}

function unlessMalformed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'RECORD_MALFORMED' || error.code === 'RECORD_ALTERED')) return undefined;
    throw error;
  }
}
