export { auditDossier, type AuditedEvent, type DossierAudit } from './platform/audit-dossier.js';
export { auditPlatform, type LogAuditLine, type PlatformAudit } from './platform/audit-platform.js';
export { bundleOf } from './platform/bundle-of.js';
export { connect, type PlatformClients, type SourceClient } from './platform/clients.js';
export { collectDossier, type Dossier, type DossierStream } from './platform/dossier.js';
export { OPERATOR_PROFILE_FILE, PROFILE_FILE, readProfile, type Profile } from './platform/profile.js';
export { dossierTable, platformTable, table, verificationTable } from './tables.js';
