import type { Checks, ReportedRecord, Verdict } from './report.js';
import type { ReadRecord, VerifiedRecord } from './verify-record.js';

/** A full record as the report shows it, and what of it is withheld. */
export function reportRecord(verified: VerifiedRecord, checks: Checks): ReportedRecord | undefined {
  const { log, index, full, subject } = verified;
  if (full === undefined) return undefined;
  const { header, record, data = {}, erased } = full;
  const missing = Math.max(0, header.sd.length - record.disclosures.length);
  const withheld = Math.max(0, missing - erased.size);
  if (withheld > 0)
    checks.notChecked('disclosures', subject, `WITHHELD: ${withheld} of ${header.sd.length} disclosures were not given`);
  return {
    log: log.origin,
    index,
    streamId: header.subject,
    sequence: Number(header.sequence),
    eventId: header.id,
    type: header.type,
    eventTime: header.time,
    recordedTime: header.recordedTime,
    ...(record.anchoredTime !== undefined && { anchoredTime: record.anchoredTime }),
    actor: header.actor,
    actingFor: header.actingFor,
    label: header.label,
    data,
    withheld,
    erased: erased.size,
    verdict: verdictOf(verified, full, withheld),
  };
}

function verdictOf({ leafHash, log }: VerifiedRecord, { data, erased }: ReadRecord, withheld: number): Verdict {
  if (leafHash === undefined || data === undefined) return 'ALTERED';
  if (erased.size > 0 && withheld === 0) return 'ERASED_OK';
  return log.isVouched ? 'OK' : 'PENDING';
}
