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
  reportUnproven(stream, log, subject, checks);
  return verified.flatMap((record) => (record.reported === undefined ? [] : [record.reported]));
}

/** What a stream asserts, or leaves out, beyond its records. */
function reportUnproven(stream: BundleStream, log: TrustedLog, subject: string, checks: Checks): void {
  const timed = stream.records.filter((record) => record.anchoredTime !== undefined).length;
  if (timed > 0)
    checks.notChecked('chain-head', subject, 'the bundle asserts when its records were anchored; nothing in it proves that');
  if (log.registration.predecessor !== null) {
    checks.notChecked('stream-order', subject, 'the log continues another: what the stream held there is not in this check');
  }
  checks.notChecked('completeness', subject, 'head not yet published: no item head of a map checker covers this checkpoint');
}

type VerifiedRecord = ReturnType<typeof verifyRecord>;

interface OrderFault {
  readonly verdict: 'MISSING' | 'INSERTED' | 'REORDERED' | 'ALTERED';
  readonly reason: string;
}

/** Stops at the first fault: what follows a gap is out of place because of it. */
function verifyOrder(stream: BundleStream, records: readonly VerifiedRecord[], subject: string, checks: Checks): void {
  if (records.length === 0) checks.fail('stream-order', subject, 'MISSING', 'the stream has no record');
  const sequences = new Set(records.map(({ header }) => header?.sequence));
  let previousIndex = -1;
  let previousDigest: Uint8Array | undefined;
  for (const [at, record] of records.entries()) {
    const index = Number(stream.records[at]?.index);
    const fault = sequenceFault(record, BigInt(at), sequences) ?? linkFault(record, index, previousIndex, previousDigest);
    if (fault !== undefined) {
      checks.fail('stream-order', subject, fault.verdict, `record ${at} (leaf ${index}): ${fault.reason}`);
      return;
    }
    previousIndex = index;
    previousDigest = record.digest;
  }
  if (records.length > 0) checks.pass('stream-order', subject);
}

function sequenceFault(
  { header }: VerifiedRecord,
  at: bigint,
  sequences: ReadonlySet<bigint | undefined>,
): OrderFault | undefined {
  if (header === undefined || header.sequence === at) return undefined; // Without a header it is ALTERED by its own check.
  if (header.sequence < at) return { verdict: 'INSERTED', reason: `sequence ${header.sequence} stands a second time` };
  return sequences.has(at)
    ? { verdict: 'REORDERED', reason: `sequence ${header.sequence} stands before sequence ${at}` }
    : { verdict: 'MISSING', reason: `sequence ${at} is missing` };
}

function linkFault(
  { header }: VerifiedRecord,
  index: number,
  previousIndex: number,
  previousDigest: Uint8Array | undefined,
): OrderFault | undefined {
  if (header === undefined) return undefined;
  if (index <= previousIndex) return { verdict: 'REORDERED', reason: 'its leaf comes before its predecessor' };
  // At sequence 0 the header's own rules have settled whether it may name a record of the log's predecessor.
  if (previousDigest === undefined || header.prev?.equals(previousDigest) === true) return undefined;
  // The predecessor's own digest check says which of the two was altered; this one says that they do not belong together.
  return { verdict: 'ALTERED', reason: 'it does not name its predecessor' };
}
