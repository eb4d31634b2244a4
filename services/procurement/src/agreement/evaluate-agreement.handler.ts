import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { AGREEMENT, type Evaluation, type Payment } from './agreement.js';
import { evaluationDigest } from './digests.js';
import { evaluateAgreement } from './evaluate-agreement.decider.js';
import { requireAgreement } from './open-agreement.js';

/** What stands after the evaluation, whether it was found now or before. */
export interface EvaluationResult {
  readonly evaluation: Evaluation | null;
  readonly payment: Payment | null;
}

export class EvaluateAgreementHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `evaluateAgreement` throws */
  async handle(envelope: CommandEnvelope, piid: string, clin: string): Promise<CommandOutcome<EvaluationResult>> {
    const { actor } = envelope;
    requireRole(actor, 'contracting-officer');
    return this.journal.execute(envelope, async (unit) => {
      const agreement = await unit.open(AGREEMENT, piid);
      agreement.append(...evaluateAgreement(requireAgreement(agreement.state, actor, 'buyer'), clin, evaluationDigest));
      const after = requireAgreement(agreement.state, actor, 'buyer');
      return { evaluation: after.evaluations.get(clin) ?? null, payment: after.payments.get(clin) ?? null };
    });
  }
}
