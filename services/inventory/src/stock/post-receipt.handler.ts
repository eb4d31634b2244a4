import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal, OpenStream, UnitOfWork } from '@countersign/event-log';
import { niinOf, type CommandEnvelope, type Nsn } from '@countersign/kernel';
import { ASSET } from '../asset/asset.js';
import { openAssets } from '../asset/open-assets.js';
import { presentAsset } from '../asset/present-asset.decider.js';
import { CATALOGUE_ITEM } from '../catalogue/catalogue-item.js';
import { DUE_IN, dueInKey, type DueInEvent, type DueInState } from '../due-in/due-in.js';
import { requireStorage } from '../storage/require-storage.js';
import { postReceipt, type PostReceipt, type Presented, type Received } from './post-receipt.decider.js';
import { STOCK, stockKey } from './stock.js';

/** What the caller states; who posts it, for whom and when comes from the envelope. */
export type ReceiptStatement = Omit<PostReceipt, 'organisationId' | 'postedBy' | 'eventTime'>;

export interface ReceiptResult {
  readonly suspectUiis: readonly string[];
}

export class PostReceiptHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, STORAGE_UNKNOWN, and what `postReceipt` throws */
  async handle(envelope: CommandEnvelope, statement: ReceiptStatement): Promise<CommandOutcome<ReceiptResult>> {
    const { actor, eventTime } = envelope;
    requireRole(actor, 'storage-clerk');
    const command: PostReceipt = { ...statement, organisationId: actor.organisationId, postedBy: actor.principalId, eventTime };
    return this.journal.execute(envelope, async (unit) => {
      await requireStorage(unit, command.ric, actor);
      return receive(unit, command);
    });
  }
}

async function receive(unit: UnitOfWork, command: PostReceipt): Promise<ReceiptResult> {
  const niin = niinOf(command.nsn);
  const item = await unit.open(CATALOGUE_ITEM, niin);
  const stock = await unit.open(STOCK, stockKey(command.ric, niin));
  const dueIn = await openDueIn(unit, command);
  const presented = await present(unit, command, dueIn?.state ?? null);
  const received = postReceipt({ item: item.state, stock: stock.state, dueIn: dueIn?.state ?? null, presented }, command);

  stock.append(...received.stock);
  dueIn?.append(...received.dueIn);
  for (const stream of [stock, dueIn]) stream?.share(command.organisationId);
  await recordPresented(unit, presented, command.organisationId);
  await holdElsewhere(unit, received);
  return { suspectUiis: received.suspectUiis };
}

/** The expected shipment that the parcel names; null if it names none. */
async function openDueIn(
  unit: UnitOfWork,
  { piid, shipmentNumber }: PostReceipt,
): Promise<OpenStream<DueInState, DueInEvent> | null> {
  return piid !== '' && shipmentNumber !== '' ? unit.open(DUE_IN, dueInKey(piid, shipmentNumber)) : null;
}

async function present(unit: UnitOfWork, command: PostReceipt, dueIn: DueInState | null): Promise<Presented[]> {
  const expectedCage = dueIn?.status === 'EXPECTED' ? dueIn.supplierCage : '';
  const assets = await openAssets(
    unit,
    command.items.map(({ uii }) => uii),
  );
  return command.items.map(({ uii, parts }, index) => ({
    uii,
    presentation: presentAsset(assets[index]?.asset.state ?? { status: 'NONE' }, { ...command, uii, parts, expectedCage }),
  }));
}

async function recordPresented(unit: UnitOfWork, presented: readonly Presented[], organisationId: string): Promise<void> {
  for (const { uii, presentation } of presented) {
    const asset = await unit.open(ASSET, uii);
    asset.append(...presentation.events);
    asset.share(organisationId);
  }
}

/** The item known first may be in another ledger, even of another organisation: it is stopped there too. */
async function holdElsewhere(unit: UnitOfWork, { holdElsewhere: holds }: Received): Promise<void> {
  for (const { uii, ric, nsn } of holds) {
    const stock = await unit.open(STOCK, stockKey(ric, niinOf(nsn as Nsn)));
    stock.append({ type: 'UnitsHeld', data: { ric, nsn, uiis: [uii], hold: 'SUSPECT_COUNTERFEIT' } });
  }
}
