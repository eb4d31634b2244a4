import type { MigrationClass } from '@countersign/event-log';
import { readModelMigration } from '@countersign/host';

// Keys are compared byte by byte: pages have the same order in every database.
const TABLES = [
  `CREATE TABLE stock_on_hand.storage (
    generation int4 NOT NULL,
    key text COLLATE "C" NOT NULL,
    organisation_id text NOT NULL,
    PRIMARY KEY (generation, key)
  )`,
  `CREATE INDEX storage_holder ON stock_on_hand.storage (generation, organisation_id)`,
  `CREATE TABLE stock_on_hand.balance (
    generation int4 NOT NULL,
    key text COLLATE "C" NOT NULL,
    ric text COLLATE "C" NOT NULL,
    nsn text NOT NULL,
    condition text NOT NULL,
    on_hand int8 NOT NULL,
    unit_of_issue text NOT NULL,
    PRIMARY KEY (generation, key)
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX balance_storage ON stock_on_hand.balance (generation, ric, key)`,
];

/** @param appRole the role as which the service connects; must exist */
export function stockOnHandMigrations(appRole: string): readonly MigrationClass[] {
  return [readModelMigration(appRole, { name: 'StockOnHand1763820000000', schema: 'stock_on_hand', tables: TABLES })];
}
