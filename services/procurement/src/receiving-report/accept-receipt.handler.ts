import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope, Quantity } from '@countersign/kernel';
import { acceptReceipt } from './accept-receipt.decider.js';
import { requireReport } from './open-report.js';
import { RECEIVING_REPORT } from './receiving-report.js';

export class AcceptReceiptHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * @param reportKey `<PIID>/<shipment number>`
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `acceptReceipt` throws
   */
  async handle(envelope: CommandEnvelope, reportKey: string, quantity: Quantity): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'acceptor');
    return this.journal.execute(envelope, async (unit) => {
      const report = await unit.open(RECEIVING_REPORT, reportKey);
      const state = requireReport(report.state, actor, 'buyer', 'consignee');
      report.append(acceptReceipt(state, { quantity, acceptedBy: actor.principalId }));
      return null;
    });
  }
}
