import { IGNORED, type Fact, type FactSubscription, type Reaction } from '@countersign/host';
import { TOPICS } from '@countersign/kafka';
import { parseOriginal } from './foreign-fields.js';
import type { NoteEvidenceHandler } from './note-evidence.handler.js';
import type { NoteFulfilmentHandler } from './note-fulfilment.handler.js';
import type { NoteReceiptHandler } from './note-receipt.handler.js';
import type { NoteSuspicionHandler } from './note-suspicion.handler.js';

export interface InventoryReactions {
  readonly receipts: NoteReceiptHandler;
  readonly suspicions: NoteSuspicionHandler;
  readonly fulfilment: NoteFulfilmentHandler;
  readonly evidence: NoteEvidenceHandler;
}

/** What procurement does about inventory's facts. */
export function inventorySubscription({ receipts, suspicions, fulfilment, evidence }: InventoryReactions): FactSubscription {
  const on: Readonly<Record<string, Reaction>> = {
    'countersign.inventory.MaterielReceiptPosted.v1': (fact) => receipts.posted(fact),
    'countersign.inventory.MaterielIssued.v1': (fact) => fulfilment.issued(fact),
    'countersign.inventory.TransactionReversed.v1': (fact) => reversed(fact, receipts, fulfilment),
    'countersign.inventory.CloneAlert.v1': (fact) => suspicions.alerted(fact),
    'countersign.inventory.AuthenticityConfirmed.v1': (fact) => suspicions.confirmed(fact),
    'countersign.inventory.CustodyOffered.v1': (fact) => evidence.custody(fact, 'OFFERED'),
    'countersign.inventory.CustodyAccepted.v1': (fact) => evidence.custody(fact, 'ACCEPTED'),
    'countersign.inventory.CustodyRefused.v1': (fact) => evidence.custody(fact, 'REFUSED'),
    'countersign.inventory.CustodyOfferWithdrawn.v1': (fact) => evidence.custody(fact, 'WITHDRAWN'),
    'countersign.inventory.CustodyOfferExpired.v1': (fact) => evidence.custody(fact, 'WITHDRAWN'),
    'countersign.inventory.DeliveryConfirmed.v1': (fact) => fulfilment.delivered(fact),
  };
  return {
    name: 'inventory',
    topics: [TOPICS.inventoryStock.name, TOPICS.inventoryAsset.name, TOPICS.inventoryCustody.name],
    on,
  };
}

function reversed(fact: Fact, receipts: NoteReceiptHandler, fulfilment: NoteFulfilmentHandler): ReturnType<Reaction> {
  const original = parseOriginal(fact.data['original'], 'original');
  if (original.type === 'MaterielReceiptPosted') return receipts.reversed(fact, original);
  return original.type === 'MaterielIssued' ? fulfilment.issueReversed(fact) : Promise.resolve(IGNORED);
}
