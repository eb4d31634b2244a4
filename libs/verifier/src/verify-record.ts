import { leafHash, verifyInclusion } from '@countersign/merkle';
import { encodeEntry, LOG_OPENED, parseHeader, recordDigest, type RecordHeader } from '@countersign/record';
import type { BundleRecord } from './bundle.js';
import { openedData } from './opened-data.js';
import type { Checks, ReportedRecord } from './report.js';
import type { TrustedLog } from './verify-log.js';

interface RecordContext {
  readonly log: TrustedLog;
  readonly streamId: string;
  readonly itemKey: Uint8Array;
}

interface VerifiedRecord {
  readonly header?: RecordHeader;
  readonly digest: Uint8Array;
  readonly reported?: ReportedRecord;
}

/** Checks one record against its log's root and opens what it discloses. */
export function verifyRecord(record: BundleRecord, context: RecordContext, checks: Checks): VerifiedRecord {
  const { log, streamId, itemKey } = context;
  const subject = `${log.origin}#${record.index}`;
  const bytes = Buffer.from(record.header, 'utf8');
  const digest = recordDigest(bytes);
  let header: RecordHeader | undefined;
  checks.attempt('record-header', subject, 'ALTERED', () => {
    const parsed = parseHeader(bytes, { continuesPredecessor: log.registration.predecessor !== null });
    if (parsed.source !== log.origin) throw new Error('the header names another log');
    if (parsed.subject !== streamId) throw new Error('the header names another stream');
    if (parsed.type === LOG_OPENED.type) requireOpening(parsed, record, log);
    header = parsed;
  });
  if (header === undefined) return { digest };
  const found = header;
  const included = checks.attempt('inclusion', subject, 'ALTERED', () => {
    // The entry is rebuilt from the header bytes, so inclusion binds item, sequence, record digest and claim at once.
    const entry = encodeEntry({ itemKey, sequence: found.sequence, recordDigest: digest, claimDigest: found.claim });
    verifyInclusion({
      leafHash: leafHash(entry),
      index: Number(record.index),
      size: log.size,
      proof: record.path.map((hash) => Buffer.from(hash, 'base64')),
      root: log.root,
    });
  });
  const opened = verifyDisclosures(record, found, subject, checks);
  verifyAuthor(found, subject, checks);
  const sound = included && opened !== undefined;
  return { header: found, digest, reported: describe(record, found, opened ?? {}, log, sound) };
}

/** Leaf 0 says which log it opens (docs/record.md §11). */
function requireOpening(header: RecordHeader, record: BundleRecord, log: TrustedLog): void {
  if (record.index !== '0') throw new Error('a log is opened at leaf 0');
  if (header.publicData['logId'] !== log.logId) throw new Error('the header opens another log');
}

function verifyDisclosures(
  record: BundleRecord,
  header: RecordHeader,
  subject: string,
  checks: Checks,
): Record<string, unknown> | undefined {
  let data: Record<string, unknown> | undefined;
  checks.attempt('disclosures', subject, 'ALTERED', () => {
    data = openedData(header, record.disclosures);
  });
  const withheld = header.sd.length - record.disclosures.length;
  if (withheld > 0)
    checks.notChecked('disclosures', subject, `WITHHELD: ${withheld} of ${header.sd.length} disclosures were not given`);
  return data;
}

function verifyAuthor(header: RecordHeader, subject: string, checks: Checks): void {
  const reason =
    header.authorSignature === undefined
      ? 'the record carries no author signature'
      : 'author signatures are reserved in this version';
  checks.notChecked('author-signature', subject, reason);
}

function describe(
  record: BundleRecord,
  header: RecordHeader,
  data: Record<string, unknown>,
  log: TrustedLog,
  sound: boolean,
): ReportedRecord {
  return {
    log: log.origin,
    index: Number(record.index),
    streamId: header.subject,
    sequence: Number(header.sequence),
    eventId: header.id,
    type: header.type,
    eventTime: header.time,
    recordedTime: header.recordedTime,
    anchoredTime: record.anchoredTime,
    actor: header.actor,
    actingFor: header.actingFor,
    label: header.label,
    data,
    withheld: Math.max(0, header.sd.length - record.disclosures.length),
    // OK is for records whose head on chain was checked; no bundle of version 1 can show that.
    verdict: sound ? 'PENDING' : 'ALTERED',
  };
}
