import { bootMigrations } from '@countersign/host';
import { stockOnHandMigrations } from './stock-on-hand/stock-on-hand-migrations.js';

await bootMigrations('inventory', { migrations: stockOnHandMigrations });
