import { openBundle } from './bundle-file.js';
import type { Bundle } from './bundle.js';
import { Checks, overallVerdict, type ReportedRecord, type VerificationReport } from './report.js';
import { parseTrust } from './trust.js';
import { verifyLog, type TrustedLog } from './verify-log.js';
import { verifyStream } from './verify-stream.js';

/**
 * Verifies a proof bundle from files alone: no network, no service, no clock.
 * Keys, log ids and policy come from the trust file; whatever the bundle says about itself is evidence to check, never authority.
 *
 * @param bundleBytes the bundle file
 * @param trustBytes the auditor's own trust file
 * @throws Unreadable if either file cannot be read as what it claims to be
 */
export function verifyBundle(bundleBytes: Uint8Array, trustBytes: Uint8Array): VerificationReport {
  const trust = parseTrust(trustBytes);
  const { content, sealed } = openBundle(bundleBytes);
  const checks = new Checks();
  if (sealed) checks.pass('bundle-seal', 'bundle');
  else checks.fail('bundle-seal', 'bundle', 'ALTERED', 'the seal does not match the content');

  const logs = new Map<string, TrustedLog>();
  for (const log of content.logs) {
    if (logs.has(log.logId)) checks.fail('log-pinned', log.logId, 'INSERTED', 'the bundle names this log twice');
    const named = content.streams.some(({ logId }) => logId === log.logId);
    if (!named) checks.fail('log-pinned', log.logId, 'INSERTED', 'no stream of the bundle names this log');
    const trusted = verifyLog(log, trust, checks);
    if (trusted !== undefined) logs.set(log.logId, trusted);
  }
  const records = verifyStreams(content, logs, checks);
  checks.notChecked('completeness', 'bundle', 'the item is a label: nothing proves that these are its streams, or all of them');
  return report(content, checks, records);
}

function verifyStreams(content: Bundle, logs: ReadonlyMap<string, TrustedLog>, checks: Checks): ReportedRecord[] {
  const records: ReportedRecord[] = [];
  const seen = new Set<string>();
  for (const stream of content.streams) {
    const log = logs.get(stream.logId);
    const key = `${stream.logId} ${stream.streamId}`;
    if (log === undefined) {
      if (content.logs.some(({ logId }) => logId === stream.logId)) {
        checks.notChecked('inclusion', stream.streamId, 'its log could not be established');
      } else {
        checks.fail('log-pinned', stream.streamId, 'UNKNOWN_KEY', 'the stream names a log that is not in the bundle');
      }
    } else if (seen.has(key)) {
      checks.fail('stream-order', stream.streamId, 'INSERTED', 'the bundle holds this stream twice');
    } else {
      for (const record of verifyStream(stream, log, checks)) records.push(record);
    }
    seen.add(key);
  }
  if (content.streams.length === 0) checks.fail('stream-order', 'bundle', 'MISSING', 'the bundle holds no stream');
  return records;
}

function report(content: Bundle, checks: Checks, records: ReportedRecord[]): VerificationReport {
  const failed = checks.count('FAIL');
  return {
    method: 'countersign-verify/1',
    item: `${content.item.kind} ${content.item.value}`,
    verdict: overallVerdict(checks.list),
    holds: failed === 0,
    checks: checks.list,
    records: records.sort((a, b) => (a.recordedTime < b.recordedTime ? -1 : a.recordedTime > b.recordedTime ? 1 : 0)),
    passed: checks.count('PASS'),
    failed,
    notChecked: checks.count('NOT_CHECKED'),
  };
}
