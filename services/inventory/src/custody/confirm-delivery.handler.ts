import type { CommandOutcome, Journal } from '@countersign/event-log';
import type { CommandEnvelope, Quantity } from '@countersign/kernel';
import { deliverAsset } from '../asset/issue-asset.decider.js';
import { openAssets } from '../asset/open-assets.js';
import { confirmDelivery } from './confirm-delivery.decider.js';
import { openCustody, requireCustodian, type UnitName } from './open-custody.js';

export interface DeliveryStatement {
  readonly unit: UnitName;
  readonly quantity: Quantity;
  readonly uiis: readonly string[];
}

export class ConfirmDeliveryHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, NOT_FOUND, and what the deciders throw */
  async handle(envelope: CommandEnvelope, { unit: name, quantity, uiis }: DeliveryStatement): Promise<CommandOutcome<null>> {
    const { organisationId } = await requireCustodian(this.journal, name, envelope);
    return this.journal.execute(envelope, async (unit) => {
      const { custody, state } = await openCustody(unit, name);
      const delivery = confirmDelivery(state, { organisationId, quantity, uiis });
      custody.append(delivery);
      const { tcn, piece, documentNumber } = delivery.data;
      for (const [index, { uii, asset }] of (await openAssets(unit, delivery.data.uiis)).entries()) {
        asset.append(deliverAsset(asset.state, { uii, organisationId, documentNumber, tcn, piece }, `uiis[${index}]`));
      }
      return null;
    });
  }
}
