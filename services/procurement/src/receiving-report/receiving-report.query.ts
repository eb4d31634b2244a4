import type { Journal } from '@countersign/event-log';
import type { Actor } from '@countersign/kernel';
import { requireReport } from './open-report.js';
import { RECEIVING_REPORT, type ExistingReport } from './receiving-report.js';

/** @throws DomainError NOT_FOUND */
export async function readReceivingReport(journal: Journal, actor: Actor, reportKey: string): Promise<ExistingReport> {
  return requireReport(await journal.read(RECEIVING_REPORT, reportKey), actor, 'buyer', 'supplier', 'consignee');
}
