import { bootMigrations } from '@countersign/host';
import { anchoringMigrations } from './storage/migrations.js';

// No event log here: the entries of all others.
await bootMigrations('anchoring', { eventLog: false, migrations: (appRole) => anchoringMigrations({ appRole }) });
