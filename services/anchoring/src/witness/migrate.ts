import { bootMigrations } from '@countersign/host';
import { witnessMigrations } from './witness-migrations.js';

await bootMigrations('witness', { eventLog: false, migrations: (appRole) => witnessMigrations({ appRole }) });
