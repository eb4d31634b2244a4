import { bootMigrations } from '@countersign/host';
import { procurementMigrations } from './procurement-migrations.js';

await bootMigrations('procurement', { migrations: procurementMigrations });
