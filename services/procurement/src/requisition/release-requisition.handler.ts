import { hasRole, requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, type Actor, type CommandEnvelope } from '@countersign/kernel';
import { requireOwnRequisition, requireRequisition } from './open-requisition.js';
import { releaseRequisition, reviewRequisition } from './release-requisition.decider.js';
import { REQUISITION, type ExistingRequisition, type RequisitionState } from './requisition.js';

/** ReviewRequisition and ReleaseRequisition. */
export class ReleaseRequisitionHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * @param key of the requisition's stream
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `reviewRequisition` throws
   */
  async review(envelope: CommandEnvelope, key: string): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'commander');
    return this.journal.execute(envelope, async (unit) => {
      const requisition = await unit.open(REQUISITION, key);
      requisition.append(reviewRequisition(requireOwnRequisition(requisition.state, actor), actor.principalId));
      return null;
    });
  }

  /**
   * @param key of the requisition's stream
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `releaseRequisition` throws
   */
  async release(envelope: CommandEnvelope, key: string): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'commander', 'item-manager');
    return this.journal.execute(envelope, async (unit) => {
      const requisition = await unit.open(REQUISITION, key);
      requisition.append(releaseRequisition(requireReleasable(requisition.state, actor), actor.principalId));
      return null;
    });
  }
}

/** Own commander, or an item manager of the supply source. */
function requireReleasable(state: RequisitionState, actor: Actor): ExistingRequisition {
  const existing = requireRequisition(state);
  const own = hasRole(actor, 'commander') && existing.requisitioner.organisation === actor.organisationId;
  const source = hasRole(actor, 'item-manager') && existing.supplySource?.organisation === actor.organisationId;
  if (!own && !source) throw new DomainError('NOT_FOUND', { field: 'requisition' });
  return existing;
}
