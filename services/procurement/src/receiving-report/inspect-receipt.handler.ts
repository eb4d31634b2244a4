import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { inspectReceipt, type InspectReceipt } from './inspect-receipt.decider.js';
import { requireReport } from './open-report.js';
import { RECEIVING_REPORT } from './receiving-report.js';

export class InspectReceiptHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * @param reportKey `<PIID>/<shipment number>`
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `inspectReceipt` throws
   */
  async handle(
    envelope: CommandEnvelope,
    reportKey: string,
    statement: Omit<InspectReceipt, 'inspectedBy'>,
  ): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'inspector');
    return this.journal.execute(envelope, async (unit) => {
      const report = await unit.open(RECEIVING_REPORT, reportKey);
      const state = requireReport(report.state, actor, 'buyer', 'consignee');
      report.append(inspectReceipt(state, { ...statement, inspectedBy: actor.principalId }));
      return null;
    });
  }
}
