export { auditLog, type Finding, type LogAuditReport, type StoredRecord, type VouchedHead } from './audit-log.js';
export { BUNDLE_BYTES_MAX, sealBundle } from './bundle-file.js';
export type { BareRecord, Bundle, BundleAbsence, BundleLog, BundleRecord, BundleStream, FullRecord } from './bundle.js';
export { openedData } from './opened-data.js';
export type { Check, CheckId, CheckResult, ReportedRecord, Verdict, VerificationReport } from './report.js';
export { signReport } from './signed-report.js';
export { parseTrust, TRUST_BYTES_MAX, type PinnedLog, type Trust } from './trust.js';
export { Unreadable } from './unreadable.js';
export { verifyBundle, type VerifyOptions } from './verify-bundle.js';
