import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import { DomainError, type CommandEnvelope } from '@countersign/kernel';
import { AGREEMENT } from './agreement.js';
import { requireAgreement } from './open-agreement.js';
import { activateAgreement, signAgreement } from './sign-agreement.decider.js';

/** SignAgreement by the supplier, ActivateAgreement by the buyer. */
export class SignAgreementHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `signAgreement` throws */
  async sign(envelope: CommandEnvelope, piid: string, termsDigest: string): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'supplier');
    return this.journal.execute(envelope, async (unit) => {
      const agreement = await unit.open(AGREEMENT, piid);
      const state = requireAgreement(agreement.state, actor, 'supplier');
      if (state.terms.supplierCage !== actor.actingFor) throw new DomainError('NOT_FOUND', { field: 'piid' });
      agreement.append(signAgreement(state, termsDigest));
      return null;
    });
  }

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `activateAgreement` throws */
  async activate(envelope: CommandEnvelope, piid: string, termsDigest: string): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'contracting-officer');
    return this.journal.execute(envelope, async (unit) => {
      const agreement = await unit.open(AGREEMENT, piid);
      agreement.append(...activateAgreement(requireAgreement(agreement.state, actor, 'buyer'), termsDigest));
      return null;
    });
  }
}
