import { bucketOf, itemKeyOf, verifyBucket } from '@countersign/record';
import type { BundleAbsence, BundleStream } from './bundle.js';
import { decoded } from './fields.js';
import type { Checks } from './report.js';
import { verifyOrder } from './stream-order.js';
import { verifyAbsent, verifyComplete } from './verify-completeness.js';
import type { TrustedLog } from './verify-log.js';
import { verifyRecord, type VerifiedRecord } from './verify-record.js';

/** Checks one stream: its item key under the log's commitment, each record, that they form one gap-free chain from 0, and that they are all. */
export function verifyStream(stream: BundleStream, log: TrustedLog, checks: Checks): VerifiedRecord[] {
  const { streamId, head } = stream;
  const subject = `${log.origin} ${streamId}`;
  const itemKey = verifyItemKey(stream, log, subject, checks);
  if (itemKey === undefined) return [];
  const records = stream.records.map((record) => verifyRecord(record, { log, streamId, itemKey }, checks));
  const isOrdered = verifyOrder(records, subject, checks);
  reportUnproven(stream, log, subject, checks);
  verifyComplete({ subject, itemKey, records, isOrdered }, head, log.itemMap, checks);
  return records;
}

/** Checks that the log holds no record of a stream. */
export function verifyAbsentStream(absence: BundleAbsence, log: TrustedLog, checks: Checks): void {
  const subject = `${log.origin} ${absence.streamId}`;
  const itemKey = verifyItemKey(absence, log, subject, checks);
  if (itemKey !== undefined) verifyAbsent(absence, itemKey, log.itemMap, subject, checks);
}

function verifyItemKey(
  { streamId, bucketSecret, bucketProof }: Omit<BundleAbsence, 'proof'>,
  { registration }: TrustedLog,
  subject: string,
  checks: Checks,
): Buffer | undefined {
  return checks.attempt('item-key', subject, 'ALTERED', () => {
    const secret = decoded(bucketSecret);
    verifyBucket({ bucket: bucketOf(streamId), secret, proof: bucketProof.map(decoded) }, registration.itemCommitment);
    return itemKeyOf(secret, streamId);
  });
}

/** What a stream asserts, or leaves out, beyond its records. */
function reportUnproven(stream: BundleStream, log: TrustedLog, subject: string, checks: Checks): void {
  if (stream.records.some((record) => 'header' in record && record.anchoredTime !== undefined))
    checks.notChecked('chain-head', subject, 'the bundle asserts when its records were anchored; nothing in it proves that');
  if (log.registration.predecessor !== null) {
    checks.notChecked('stream-order', subject, 'the log continues another: what the stream held there is not in this check');
  }
}
