import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { cancelRequisition } from './cancel-requisition.decider.js';
import { requireOwnRequisition } from './open-requisition.js';
import { REQUISITION } from './requisition.js';

export class CancelRequisitionHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * @param key of the requisition's stream
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `cancelRequisition` throws
   */
  async handle(envelope: CommandEnvelope, key: string, reason: string): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'requisitioner', 'commander');
    return this.journal.execute(envelope, async (unit) => {
      const requisition = await unit.open(REQUISITION, key);
      requisition.append(cancelRequisition(requireOwnRequisition(requisition.state, actor), actor.actingFor, reason));
      return null;
    });
  }
}
