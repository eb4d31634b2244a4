import type { MigrationClass } from '@countersign/event-log';
import { directoryMigrations } from './organisation-directory/directory-migrations.js';
import { requisitionListMigrations } from './requisition-list/requisition-list-migrations.js';

/** What procurement stores beside its log. @param appRole the role as which the service connects; must exist */
export function procurementMigrations(appRole: string): readonly MigrationClass[] {
  return [...directoryMigrations(appRole), ...requisitionListMigrations(appRole)];
}
