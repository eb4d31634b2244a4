import { createTokenVerifier, type TestTokens } from '@countersign/access';
import { createMemoryIdentity, createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import { createDirectDoor } from '@countersign/grpc';
import type { Role } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import type { MatrixWorld } from '@countersign/testing';
import { AssetController } from './asset/asset.controller.js';
import { EndSuspicionHandler } from './asset/end-suspicion.handler.js';
import { CARRIER, CLERK, DEPOT, RIC, TCN, UNIT } from './builders.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { RegisterItemHandler } from './catalogue/register-item.handler.js';
import { AnswerOfferHandler } from './custody/answer-offer.handler.js';
import { ConfirmDeliveryHandler } from './custody/confirm-delivery.handler.js';
import { CustodyController } from './custody/custody.controller.js';
import { OfferCustodyHandler } from './custody/offer-custody.handler.js';
import { DueInController } from './due-in/due-in.controller.js';
import { factOf, NOTICE, RELEASED } from './facts.builders.js';
import { onCodeAssigned } from './reactions/code-assigned.consumer.js';
import { onRequisitionReleased } from './reactions/requisition-released.consumer.js';
import { onShipmentNoticeSent } from './reactions/shipment-notice-sent.consumer.js';
import { ReleaseOrderController } from './release-order/release-order.controller.js';
import { contextAt, LABORATORY_KEYS, REQUESTS } from './requests.builders.js';
import type { INVENTORY } from './service.js';
import { IssueMaterielHandler } from './stock/issue-materiel.handler.js';
import { PostReceiptHandler } from './stock/post-receipt.handler.js';
import { ReverseTransactionHandler } from './stock/reverse-transaction.handler.js';
import { StockController } from './stock/stock.controller.js';
import type { StockOnHand } from './stock-on-hand/stock-on-hand.query.js';
import { StorageController } from './storage/storage.controller.js';

export const ORIGIN = 'countersign.example/inventory';
const LOG_IDENTITY = createMemoryIdentity({ origin: ORIGIN });

export type InventoryMethod = (typeof INVENTORY.grpcServices)[number]['methods'][number];

/** How far the story of two inertial units has gone. */
export type Stage = 'announced' | 'received' | 'suspected' | 'ordered' | 'issued' | 'offered' | 'arrived';

/** Inventory's doors on a journal in memory. */
export interface InventoryDoors extends MatrixWorld<InventoryMethod> {
  readonly journal: MemoryJournal;
  /** First record of the last command: what a later one may have to name. */
  readonly last: { readonly position: bigint; readonly recordDigest: Uint8Array };
  /** Calls as somebody with one role, and gives the answer; throws unless it succeeds. */
  does(step: Step): Promise<object>;
}

export interface Step {
  readonly method: InventoryMethod;
  readonly by: { readonly principalId: string; readonly organisationId: string; readonly role: Role };
  readonly request: object;
}

const MANAGER = { principalId: 'person-manager', organisationId: DEPOT, role: 'item-manager' } as const;
const STORE_CLERK = { principalId: CLERK, organisationId: DEPOT, role: 'storage-clerk' } as const;
const custodian = (organisationId: string): Step['by'] => ({
  principalId: `person-of-${organisationId}`,
  organisationId,
  role: 'custodian',
});
const { registerItem } = inventoryV1.CatalogueService.method;
const { postReceipt, issueMateriel } = inventoryV1.StockService.method;
const { offerCustody, acceptCustody, getCustody } = inventoryV1.CustodyService.method;

type Move = (doors: InventoryDoors) => Promise<unknown>;
const MOVES = {
  announced: async (doors) => {
    await onCodeAssigned(doors.journal)(factOf({ kind: 'ric', code: RIC, organisationId: DEPOT }));
    await doors.does({ method: registerItem, by: MANAGER, request: REQUESTS.item() });
    await onShipmentNoticeSent(doors.journal)(factOf(NOTICE));
  },
  received: (doors) => doors.does({ method: postReceipt, by: STORE_CLERK, request: REQUESTS.receipt() }),
  suspected: (doors) => doors.does({ method: postReceipt, by: STORE_CLERK, request: REQUESTS.clone() }),
  ordered: (doors) => onRequisitionReleased(doors.journal)(factOf(RELEASED)),
  issued: (doors) => doors.does({ method: issueMateriel, by: STORE_CLERK, request: REQUESTS.issue() }),
  offered: (doors) => doors.does({ method: offerCustody, by: custodian(DEPOT), request: REQUESTS.offer(CARRIER) }),
  arrived: async (doors) => {
    await accept(doors, CARRIER);
    await doors.does({ method: offerCustody, by: custodian(CARRIER), request: REQUESTS.offer(UNIT) });
    await accept(doors, UNIT);
  },
} as const satisfies Record<Stage, Move>;

const WAY_TO: Readonly<Record<Stage, readonly Stage[]>> = {
  announced: ['announced'],
  received: ['announced', 'received'],
  suspected: ['announced', 'received', 'suspected'],
  ordered: ['announced', 'received', 'ordered'],
  issued: ['announced', 'received', 'ordered', 'issued'],
  offered: ['announced', 'received', 'ordered', 'issued', 'offered'],
  arrived: ['announced', 'received', 'ordered', 'issued', 'offered', 'arrived'],
};

async function accept(doors: InventoryDoors, organisationId: string): Promise<void> {
  await doors.does({ method: acceptCustody, by: custodian(organisationId), request: await answer(doors, organisationId) });
}

/** What a taker sends who agrees to the open offer. */
export async function answer(doors: InventoryDoors, taker: string): Promise<object> {
  const unit = { tcn: TCN, piece: 1 };
  const view = await doors.does({ method: getCustody, by: custodian(taker), request: { unit } });
  const { record, tallyDigest } = (view as inventoryV1.GetCustodyResponse).offer ?? {};
  return { context: contextAt('2026-11-03T07:30:00Z'), unit, offer: record, tallyDigest };
}

/** Whose lines a caller sees is tested on the read model itself. */
const NOTHING_ON_HAND: StockOnHand = { list: () => Promise.resolve({ result: [], asOf: 0n }) };

export async function openInventoryDoors(tokens: TestTokens, stage: Stage): Promise<InventoryDoors> {
  const journal = createMemoryJournal({ identity: LOG_IDENTITY });
  const door = createDirectDoor({
    controllers: [
      [inventoryV1.CatalogueService, new CatalogueController(journal, new RegisterItemHandler(journal))],
      [
        inventoryV1.StockService,
        new StockController(
          journal,
          new PostReceiptHandler(journal),
          new IssueMaterielHandler(journal),
          new ReverseTransactionHandler(journal, journal),
          NOTHING_ON_HAND,
        ),
      ],
      [inventoryV1.AssetService, new AssetController(journal, new EndSuspicionHandler(journal, LABORATORY_KEYS))],
      [
        inventoryV1.CustodyService,
        new CustodyController(
          journal,
          journal,
          new OfferCustodyHandler(journal),
          new AnswerOfferHandler(journal, journal),
          new ConfirmDeliveryHandler(journal),
        ),
      ],
      [inventoryV1.DueInService, new DueInController(journal)],
      [inventoryV1.ReleaseOrderService, new ReleaseOrderController(journal)],
      [inventoryV1.StorageService, new StorageController(journal)],
    ],
    authenticate: createTokenVerifier({ keys: { jwks: tokens.jwks }, logOrigin: ORIGIN }).authenticate,
    openMethods: [],
  });
  let last = { position: 0n, recordDigest: new Uint8Array(32) };
  const doors: InventoryDoors = {
    journal,
    get last() {
      return last;
    },
    call: (method, request, token) => door.call(method, request, token),
    size: () => journal.size(),
    does: async ({ method, by: { role, ...by }, request }) => {
      const token = await tokens.tokenOf({ ...by, actingFor: 'W99DP1', nation: 'USA', roles: [role] });
      const answered = await door.call(method, request, token);
      if (answered.code !== 'OK') throw new Error(`${method.name}: ${answered.code} ${answered.message}`);
      const [message = {}] = answered.messages;
      last = (message as { outcome?: { recorded: (typeof last)[] } }).outcome?.recorded[0] ?? last;
      return message;
    },
  };
  for (const step of WAY_TO[stage]) await MOVES[step](doors);
  return doors;
}
