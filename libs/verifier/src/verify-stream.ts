import { bucketOf, itemKeyOf, verifyBucket } from '@countersign/record';
import type { BundleStream } from './bundle.js';
import type { Checks, ReportedRecord } from './report.js';
import type { TrustedLog } from './verify-log.js';
import { verifyRecord } from './verify-record.js';

/** Checks one stream: its item key under the log's commitment, each record, and that the records form one gap-free chain from 0. */
export function verifyStream(stream: BundleStream, log: TrustedLog, checks: Checks): ReportedRecord[] {
  const subject = `${log.origin} ${stream.streamId}`;
  const secret = Buffer.from(stream.bucketSecret, 'base64');
  const proven = checks.attempt('item-key', subject, 'ALTERED', () => {
    const proof = stream.bucketProof.map((hash) => Buffer.from(hash, 'base64'));
    verifyBucket({ bucket: bucketOf(stream.streamId), secret, proof }, log.registration.itemCommitment);
  });
  if (!proven) return [];
  const itemKey = itemKeyOf(secret, stream.streamId);
  const verified = stream.records.map((record) => verifyRecord(record, { log, streamId: stream.streamId, itemKey }, checks));
  verifyOrder(stream, verified, subject, checks);
  checks.notChecked('completeness', subject, 'head not yet published: no item head of a map checker covers this checkpoint');
  return verified.flatMap((record) => (record.reported === undefined ? [] : [record.reported]));
}

type VerifiedRecord = ReturnType<typeof verifyRecord>;

function verifyOrder(stream: BundleStream, records: readonly VerifiedRecord[], subject: string, checks: Checks): void {
  let previousIndex = -1;
  let previousDigest: Uint8Array | undefined;
  for (const [at, record] of records.entries()) {
    const index = Number(stream.records[at]?.index);
    const fault = orderFault(record, at, index, previousIndex, previousDigest);
    if (fault !== undefined) {
      checks.fail('stream-order', subject, fault.verdict, `record ${at} (leaf ${index}): ${fault.reason}`);
      return;
    }
    previousIndex = index;
    previousDigest = record.digest;
  }
  checks.pass('stream-order', subject);
}

function orderFault(
  record: VerifiedRecord,
  at: number,
  index: number,
  previousIndex: number,
  previousDigest: Uint8Array | undefined,
): { verdict: 'MISSING' | 'REORDERED' | 'ALTERED'; reason: string } | undefined {
  if (record.header === undefined) return undefined; // Already reported as ALTERED by its own check.
  const sequence = Number(record.header.sequence);
  if (sequence > at) return { verdict: 'MISSING', reason: `sequence ${at} is missing` };
  if (sequence < at) return { verdict: 'REORDERED', reason: `sequence ${sequence} stands at place ${at}` };
  if (index <= previousIndex) return { verdict: 'REORDERED', reason: 'its leaf comes before its predecessor' };
  const prev = record.header.prev;
  const matches =
    previousDigest === undefined
      ? prev === undefined
      : prev !== undefined && Buffer.from(prev).equals(Buffer.from(previousDigest));
  // The predecessor's own digest check says which of the two was altered; this one says that they do not belong together.
  return matches ? undefined : { verdict: 'ALTERED', reason: 'it does not name its predecessor' };
}
