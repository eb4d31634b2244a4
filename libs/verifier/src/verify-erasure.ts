import { disclosureDigest, ERASED } from '@countersign/record';
import type { Checks } from './report.js';
import type { ReadRecord, VerifiedRecord } from './verify-record.js';

/** Reads every proven `Erased` record, and marks the disclosures whose absence it explains (docs/bundle.md §3.5). */
export function verifyErasures(records: readonly VerifiedRecord[], checks: Checks): void {
  const byDigest = new Map<string, ReadRecord>();
  for (const { log, digest, full } of records) {
    const name = `${log.logId} ${digest?.toString('hex')}`;
    if (full !== undefined && !byDigest.has(name)) byDigest.set(name, full);
  }
  for (const { log, subject, leafHash, full } of records) {
    if (full?.header.type !== ERASED.type || leafHash === undefined) continue;
    // The header's own rules have settled that both are digests in hex.
    const { recordDigest, sdDigest } = full.header.publicData as { readonly recordDigest: string; readonly sdDigest: string };
    const erased = byDigest.get(`${log.logId} ${recordDigest}`);
    if (erased === undefined) checks.notChecked('erasure', subject, 'it names a record that is not in the bundle');
    else verifyErasure(erased, Buffer.from(sdDigest, 'hex').toString('base64url'), { subject, checks });
  }
}

function verifyErasure(
  { header, record, erased }: ReadRecord,
  digest: string,
  { subject, checks }: { readonly subject: VerifiedRecord['subject']; readonly checks: Checks },
): void {
  if (!header.sd.includes(digest)) {
    checks.fail('erasure', subject, 'ALTERED', `record ${header.id} has no such disclosure`);
  } else if (record.disclosures.some((encoded) => disclosureDigest(encoded).toString('base64url') === digest)) {
    checks.notChecked('erasure', subject, `the disclosure of record ${header.id} that it names is given all the same`);
  } else {
    checks.pass('erasure', subject);
    erased.add(digest);
  }
}
