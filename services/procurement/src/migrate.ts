import { bootMigrations } from '@countersign/host';
import { directoryMigrations } from './organisation-directory/directory-migrations.js';

await bootMigrations('procurement', { migrations: directoryMigrations });
