export { auditLog, type Finding, type LogAuditReport, type StoredRecord, type VouchedHead } from './audit-log.js';
export { BUNDLE_BYTES_MAX, sealBundle } from './bundle-file.js';
export type { Bundle, BundleLog, BundleRecord, BundleStream } from './bundle.js';
export { openedData } from './opened-data.js';
export type { Check, CheckId, CheckResult, ReportedRecord, Verdict, VerificationReport } from './report.js';
export { parseTrust, TRUST_BYTES_MAX, type PinnedLog, type Trust } from './trust.js';
export { Unreadable } from './unreadable.js';
export { verifyBundle } from './verify-bundle.js';
