import type { MigrationClass } from '@countersign/event-log';
import { readModelMigration } from '@countersign/host';

// Keys are compared byte by byte: pages have the same order in every database.
const TABLES = [
  `CREATE TABLE requisitions.requisition (
    generation int4 NOT NULL,
    key text COLLATE "C" NOT NULL,
    document_number text,
    year int4,
    rtd_reference text,
    status text NOT NULL,
    nsn text,
    local_stock_number text,
    quantity int4 NOT NULL,
    unit_of_issue text NOT NULL,
    priority text NOT NULL,
    required_delivery text NOT NULL,
    reviewed bool NOT NULL,
    shipments int4 NOT NULL,
    shipped_quantity int4 NOT NULL,
    requisitioner text NOT NULL,
    supply_organisation text,
    supply_ric text,
    PRIMARY KEY (generation, key)
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX requisition_requisitioner ON requisitions.requisition (generation, requisitioner, key)`,
  `CREATE INDEX requisition_supply ON requisitions.requisition (generation, supply_organisation, key)`,
];

/** @param appRole the role as which the service connects; must exist */
export function requisitionListMigrations(appRole: string): readonly MigrationClass[] {
  return [readModelMigration(appRole, { name: 'Requisitions1763820000100', schema: 'requisitions', tables: TABLES })];
}
