import { leafHash, verifyInclusion } from '@countersign/merkle';
import { encodeEntry, LOG_OPENED, parseEntry, parseHeader, recordDigest, type RecordHeader } from '@countersign/record';
import type { BareRecord, BundleRecord, FullRecord } from './bundle.js';
import { decoded } from './fields.js';
import { openedData } from './opened-data.js';
import type { Checks, Subject } from './report.js';
import type { TrustedLog } from './verify-log.js';

interface RecordContext {
  readonly log: TrustedLog;
  readonly streamId: string;
  readonly itemKey: Buffer;
}

/** What is established about one record, full or bare. */
export interface VerifiedRecord {
  readonly log: TrustedLog;
  readonly subject: Subject;
  readonly index: number;
  /** Absent if neither a header nor an entry could be read. */
  readonly sequence?: bigint;
  readonly digest?: Buffer;
  /** Of the entry that was included; absent if none was. */
  readonly leafHash?: Buffer;
  /** Only of a full record that can be read. */
  readonly full?: ReadRecord;
}

export interface ReadRecord {
  readonly record: FullRecord;
  readonly header: RecordHeader;
  /** Public fields and opened disclosures; undefined if a disclosure is not one of this record's. */
  readonly data: Record<string, unknown> | undefined;
  /** Digests of its disclosures that a record says were erased, as in `_sd`. Filled while erasures are read. */
  readonly erased: Set<string>;
}

/** Checks one record against its log's root and opens what it discloses. */
export function verifyRecord(record: BundleRecord, context: RecordContext, checks: Checks): VerifiedRecord {
  return 'header' in record ? verifyFull(record, context, checks) : verifyBare(record, context, checks);
}

function verifyFull(record: FullRecord, { log, streamId, itemKey }: RecordContext, checks: Checks): VerifiedRecord {
  const index = Number(record.index);
  const bytes = Buffer.from(record.header, 'utf8');
  const digest = recordDigest(bytes);
  const unread = subjectOf(log, index);
  const header = checks.attempt('record-header', unread, 'ALTERED', () => {
    const parsed = parseHeader(bytes, { continuesPredecessor: log.registration.predecessor !== null });
    if (parsed.source !== log.origin) throw new Error('the header names another log');
    if (parsed.subject !== streamId) throw new Error('the header names another stream');
    if (parsed.type === LOG_OPENED.type) requireOpening(parsed, record, log);
    return parsed;
  });
  if (header === undefined) return { log, subject: unread, index, digest };
  const subject = subjectOf(log, index, header.id);
  // The entry is rebuilt from the header bytes, so inclusion binds item, sequence, record digest and claim at once.
  const entry = encodeEntry({ itemKey, sequence: header.sequence, recordDigest: digest, claimDigest: header.claim });
  const leaf = verifyIncluded(entry, record, log, subject, checks);
  const data = checks.attempt('disclosures', subject, 'ALTERED', () => openedData(header, record.disclosures));
  verifyAuthor(header, subject, checks);
  const full = { record, header, data, erased: new Set<string>() };
  return { log, subject, index, sequence: header.sequence, digest, leafHash: leaf, full };
}

/** A record of which the holder may see its place only: the entry is the evidence, and says which item and sequence it is. */
function verifyBare(record: BareRecord, { log, itemKey }: RecordContext, checks: Checks): VerifiedRecord {
  const index = Number(record.index);
  const subject = subjectOf(log, index);
  checks.notChecked('record-header', subject, 'WITHHELD: only its entry was given');
  const bytes = decoded(record.entry);
  let read: ReturnType<typeof parseEntry>;
  try {
    read = parseEntry(bytes);
  } catch (error) {
    checks.fail('inclusion', subject, 'ALTERED', (error as Error).message);
    return { log, subject, index };
  }
  if (!read.itemKey.equals(itemKey)) {
    checks.fail('inclusion', subject, 'ALTERED', 'the entry is of another stream');
    return { log, subject, index, sequence: read.sequence, digest: read.recordDigest };
  }
  const leaf = verifyIncluded(bytes, record, log, subject, checks);
  return { log, subject, index, sequence: read.sequence, digest: read.recordDigest, leafHash: leaf };
}

function verifyIncluded(
  entry: Uint8Array,
  { index, path }: BundleRecord,
  { size, root }: TrustedLog,
  subject: Subject,
  checks: Checks,
): Buffer | undefined {
  return checks.attempt('inclusion', subject, 'ALTERED', () => {
    const leaf = leafHash(entry);
    verifyInclusion({ leafHash: leaf, index: Number(index), size, proof: path.map(decoded), root });
    return leaf;
  });
}

/** Leaf 0 says which log it opens (docs/record.md §11). */
function requireOpening(header: RecordHeader, record: FullRecord, log: TrustedLog): void {
  if (record.index !== '0') throw new Error('a log is opened at leaf 0');
  if (header.publicData['logId'] !== log.logId) throw new Error('the header opens another log');
}

function verifyAuthor(header: RecordHeader, subject: Subject, checks: Checks): void {
  const reason =
    header.authorSignature === undefined
      ? 'the record carries no author signature'
      : 'author signatures are reserved in this version';
  checks.notChecked('author-signature', subject, reason);
}

function subjectOf({ origin }: TrustedLog, leaf: number, eventId?: string): Subject {
  return { name: `${origin}#${leaf}`, leaf, ...(eventId !== undefined && { eventId }) };
}
