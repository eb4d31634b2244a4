import { bootMigrations } from '@countersign/host';

// The event log and its inbox are all of inventory's database: its queries fold streams.
await bootMigrations('inventory');
