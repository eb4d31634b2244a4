import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import { niinOf, type CommandEnvelope, type Nsn, type Rfc3339 } from '@countersign/kernel';
import { STOCK, stockKey } from '../stock/stock.js';
import { requireStorage } from '../storage/require-storage.js';
import { requireParty } from '../visibility.js';
import { ASSET } from './asset.js';
import { confirmCounterfeit, releaseHold } from './end-suspicion.decider.js';
import { verifyLaboratoryResult, type PrincipalKeys } from './laboratory-result.js';

/** ReleaseHold and ConfirmCounterfeit: what a suspicion ends with depends on the signed result only. */
export class EndSuspicionHandler {
  constructor(
    private readonly journal: Journal,
    private readonly keys: PrincipalKeys,
  ) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, FIELD_INVALID, RESULT_SIGNATURE_INVALID, and what the decider throws */
  releaseHold(envelope: CommandEnvelope, uii: string, jws: string): Promise<CommandOutcome<null>> {
    return this.#end(envelope, uii, jws, 'AUTHENTIC');
  }

  /** @throws DomainError as `releaseHold` */
  confirmCounterfeit(envelope: CommandEnvelope, uii: string, jws: string): Promise<CommandOutcome<null>> {
    return this.#end(envelope, uii, jws, 'COUNTERFEIT');
  }

  async #end(
    envelope: CommandEnvelope,
    uii: string,
    jws: string,
    verdict: 'AUTHENTIC' | 'COUNTERFEIT',
  ): Promise<CommandOutcome<null>> {
    const { actor } = envelope;
    requireRole(actor, 'inspector');
    await requireParty(this.journal, `${ASSET.category}/${uii}`, actor);
    const result = await verifyLaboratoryResult(jws, this.keys);
    const command = { result, person: actor.principalId, eventTime: envelope.eventTime as Rfc3339 };
    return this.journal.execute(envelope, async (unit) => {
      const asset = await unit.open(ASSET, uii);
      const before = asset.state;
      // Presenting a copy makes a party, not a judge: only whose storage took the item in may conclude. An item that was only
      // announced has no such storage; there any party's inspector may.
      if (before.status !== 'NONE' && before.ric !== '') await requireStorage(unit, before.ric, actor);
      asset.append(...(verdict === 'AUTHENTIC' ? releaseHold(before, command) : confirmCounterfeit(before, command)));
      if (verdict === 'AUTHENTIC' && before.status === 'IN_STOCK') {
        const { ric, nsn } = before;
        const stock = await unit.open(STOCK, stockKey(ric, niinOf(nsn as Nsn)));
        stock.append({ type: 'UnitsFreed', data: { ric, nsn, uiis: [uii], hold: 'SUSPECT_COUNTERFEIT' } });
      }
      return null;
    });
  }
}
