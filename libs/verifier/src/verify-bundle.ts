import { sha256 } from '@countersign/merkle';
import { isTimestamp } from '@countersign/record';
import { secondsOf, type Basis } from './basis.js';
import { openBundle } from './bundle-file.js';
import type { Bundle, BundleAbsence, BundleStream } from './bundle.js';
import { Checks, overallVerdict, reasonOf, type ReportedRecord, type VerificationReport } from './report.js';
import { reportRecord } from './report-record.js';
import { readTrust } from './trust.js';
import { Unreadable } from './unreadable.js';
import { verifyErasures } from './verify-erasure.js';
import { logSubject, verifyLog, type TrustedLog } from './verify-log.js';
import type { VerifiedRecord } from './verify-record.js';
import { verifyAbsentStream, verifyStream } from './verify-stream.js';

export interface VerifyOptions {
  /** Time by which age is judged, RFC 3339 with an offset. Without one no bundle is called stale: the verifier has no clock. */
  readonly at?: string;
}

/** Logs by their id as the bundle writes it; undefined for one that could not be established. */
type Logs = ReadonlyMap<string, TrustedLog | undefined>;

/**
 * Verifies a proof bundle from files alone: no network, no service, no clock.
 * Keys, log ids and policy come from the trust file; whatever the bundle says about itself is evidence to check, never authority.
 *
 * @param bundleBytes the bundle file
 * @param trustBytes the auditor's own trust file
 * @throws Unreadable if either file cannot be read as what it claims to be, or `at` is no time
 */
export function verifyBundle(bundleBytes: Uint8Array, trustBytes: Uint8Array, { at }: VerifyOptions = {}): VerificationReport {
  if (at !== undefined && !isTimestamp(at)) throw new Unreadable('the time to judge by must be RFC 3339 with an offset');
  const { trust, policies } = readTrust(trustBytes);
  const { content, sealed } = openBundle(bundleBytes);
  const checks = new Checks();
  const basis: Basis = { trust, policies, at: at === undefined ? undefined : secondsOf(at), checks };
  if (sealed) checks.pass('bundle-seal', 'bundle');
  else checks.fail('bundle-seal', 'bundle', 'ALTERED', 'the seal does not match the content');
  const logs = verifyLogs(content, basis);
  const verified = verifyStreams(content, logs, basis);
  verifyErasures(verified, checks);
  const records = verified.flatMap((record) => reportRecord(record, checks) ?? []);
  checks.notChecked('completeness', 'bundle', 'the item is a label: nothing proves that these are its streams, or all of them');
  const isVouched = [...logs.values()].every((log) => log?.isVouched === true);
  return {
    ...judge(content, checks, records, isVouched),
    policyId: hex(Buffer.from(trust.policy)),
    ...(trust.mapPolicy !== undefined && { mapPolicyId: hex(Buffer.from(trust.mapPolicy)) }),
    bundle: hex(bundleBytes),
    trust: hex(trustBytes),
    ...(at !== undefined && { at }),
  };
}

function verifyLogs(content: Bundle, basis: Basis): Logs {
  const { checks } = basis;
  const logs = new Map<string, TrustedLog | undefined>();
  const named = new Set([...content.streams, ...(content.absences ?? [])].map(({ logId }) => logId));
  for (const log of content.logs) {
    const { logId } = log;
    const subject = logSubject(logId, basis);
    if (logs.has(logId)) checks.fail('log-pinned', subject, 'INSERTED', 'the bundle names this log twice');
    if (!named.has(logId))
      checks.fail('log-pinned', subject, 'INSERTED', 'no stream and no absence of the bundle names this log');
    const trusted = verifyLog(log, content.streams, basis);
    if (!logs.has(logId)) logs.set(logId, trusted);
  }
  return logs;
}

function verifyStreams({ streams, absences = [] }: Bundle, logs: Logs, basis: Basis): VerifiedRecord[] {
  const { checks } = basis;
  const seen = new Set<string>();
  const records: VerifiedRecord[] = [];
  const each = (named: BundleStream | BundleAbsence, verify: (log: TrustedLog) => void): void => {
    const subject = `${logSubject(named.logId, basis)} ${named.streamId}`;
    const log = logs.get(named.logId);
    if (!logs.has(named.logId)) {
      checks.fail('log-pinned', subject, 'UNKNOWN_KEY', 'it names a log that is not in the bundle');
    } else if (log === undefined) {
      checks.notChecked('inclusion', subject, 'its log could not be established');
    } else if (seen.has(subject)) {
      checks.fail('stream-order', subject, 'INSERTED', 'the bundle holds this stream twice');
    } else {
      verify(log);
    }
    seen.add(subject);
  };
  for (const stream of streams) {
    each(stream, (log) => {
      for (const record of verifyStream(stream, log, checks)) records.push(record);
    });
  }
  for (const absence of absences) each(absence, (log) => verifyAbsentStream(absence, log, checks));
  if (streams.length === 0) checks.fail('stream-order', 'bundle', 'MISSING', 'the bundle holds no stream');
  return records;
}

function judge(
  { item }: Bundle,
  checks: Checks,
  records: readonly ReportedRecord[],
  isVouched: boolean,
): Omit<VerificationReport, 'policyId' | 'bundle' | 'trust'> {
  const verdict = overallVerdict(checks.list, isVouched);
  const failed = checks.count('FAIL');
  return {
    method: 'countersign-verify/1',
    item: `${item.kind} ${item.value}`,
    verdict,
    reason: reasonOf(checks.list, verdict),
    holds: failed === 0,
    checks: checks.list,
    records: records.toSorted((a, b) => (a.recordedTime < b.recordedTime ? -1 : a.recordedTime > b.recordedTime ? 1 : 0)),
    passed: checks.count('PASS'),
    failed,
    notChecked: checks.count('NOT_CHECKED'),
  };
}

function hex(bytes: Uint8Array): string {
  return sha256(bytes).toString('hex');
}
