import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { resolveDiscrepancy } from './discrepancy.decider.js';
import { requireReport } from './open-report.js';
import { RECEIVING_REPORT, type Disposition } from './receiving-report.js';

export class ResolveDiscrepancyHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * @param reportKey `<PIID>/<shipment number>`
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `resolveDiscrepancy` throws
   */
  async handle(
    envelope: CommandEnvelope,
    reportKey: string,
    discrepancyId: string,
    disposition: Disposition,
  ): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'contracting-officer');
    return this.journal.execute(envelope, async (unit) => {
      const report = await unit.open(RECEIVING_REPORT, reportKey);
      const { piid, shipmentNumber, clin } = requireReport(report.state, actor, 'buyer');
      report.append(resolveDiscrepancy(report.state, { piid, shipmentNumber, clin }, discrepancyId, disposition));
      return null;
    });
  }
}
