import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal, UnitOfWork } from '@countersign/event-log';
import { documentKey, niinOf, type CommandEnvelope } from '@countersign/kernel';
import { issueAsset } from '../asset/issue-asset.decider.js';
import { openAssets } from '../asset/open-assets.js';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { CUSTODY, custodyKey } from '../custody/custody.js';
import { RELEASE_ORDER } from '../release-order/release-order.js';
import { requireStorage } from '../storage/require-storage.js';
import { issueMateriel, type IssueMateriel } from './issue-materiel.decider.js';
import { STOCK, stockKey } from './stock.js';

export type IssueStatement = Omit<IssueMateriel, 'organisationId'>;

export class IssueMaterielHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, STORAGE_UNKNOWN, and what `issueMateriel` and `issueAsset` throw */
  async handle(envelope: CommandEnvelope, statement: IssueStatement): Promise<CommandOutcome<null>> {
    requireRole(envelope.actor, 'storage-clerk');
    const command: IssueMateriel = { ...statement, organisationId: envelope.actor.organisationId };
    return this.journal.execute(envelope, async (unit) => {
      await requireStorage(unit, command.ric, envelope.actor);
      await issue(unit, command);
      return null;
    });
  }
}

async function issue(unit: UnitOfWork, command: IssueMateriel): Promise<void> {
  const niin = niinOf(command.nsn);
  const item = await unit.open(CATALOGUE_ITEM, niin);
  const stock = await unit.open(STOCK, stockKey(command.ric, niin));
  const releaseOrder = await unit.open(RELEASE_ORDER, documentKey(command.documentNumber, command.year));
  const custody = await unit.open(CUSTODY, custodyKey(command.tcn, command.piece));
  const assets = await openAssets(unit, command.uiis);

  const states = { item: item.state, stock: stock.state, releaseOrder: releaseOrder.state, custody: custody.state };
  const issued = issueMateriel(states, command);
  stock.append(issued.stock);
  releaseOrder.append(issued.releaseOrder);
  custody.append(issued.custody);
  const { requisitioner } = issued.custody.data;
  const { organisationId } = command;
  for (const stream of [stock, releaseOrder]) stream.share(organisationId);
  custody.share(organisationId, requisitioner);
  const { ric, condition, documentNumber, year, tcn, piece } = command;
  for (const [index, { uii, asset }] of assets.entries()) {
    asset.append(issueAsset(asset.state, { uii, ric, condition, documentNumber, year, tcn, piece }, `uiis[${index}]`));
    asset.share(organisationId, requisitioner);
  }
}
