import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope } from '@countersign/kernel';
import { AGREEMENT, type Evaluation, type Payment } from './agreement.js';
import { readAgreement } from './agreement.query.js';
import { evaluationDigest } from './digests.js';
import { evaluateAgreement } from './evaluate-agreement.decider.js';
import { requireAgreement } from './open-agreement.js';

/** What stands after the evaluation, whether it was found now or before. */
export interface EvaluatedLine {
  readonly outcome: CommandOutcome<null>;
  readonly evaluation: Evaluation | undefined;
  readonly payment: Payment | undefined;
}

export class EvaluateAgreementHandler {
  constructor(private readonly journal: Journal) {}

  /**
   * What stands is read from the records: a command's result is stored readable, and this would be a price.
   *
   * @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what `evaluateAgreement` throws
   */
  async handle(envelope: CommandEnvelope, piid: string, clin: string): Promise<EvaluatedLine> {
    const { actor } = envelope;
    requireRole(actor, 'contracting-officer');
    const outcome = await this.journal.execute(envelope, async (unit) => {
      const agreement = await unit.open(AGREEMENT, piid);
      agreement.append(...evaluateAgreement(requireAgreement(agreement.state, actor, 'buyer'), clin, evaluationDigest));
      return null;
    });
    const { evaluations, payments } = await readAgreement(this.journal, actor, piid);
    return { outcome, evaluation: evaluations.get(clin), payment: payments.get(clin) };
  }
}
