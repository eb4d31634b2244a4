import 'reflect-metadata';
import { createTestTokens, type TestTokens } from '@countersign/access';
import type { ErrorCode } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { contractComment, createAccessMatrix, type AccessRow, type MatrixCaller } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { answer, openInventoryDoors, ORIGIN, type InventoryDoors, type InventoryMethod, type Stage } from './access-fixture.js';
import {
  CARRIER,
  DEPOT,
  NIIN,
  OTHER_UII,
  PIID,
  REQUISITION_NUMBER,
  RIC,
  SHIPMENT,
  SUPPLIER,
  TCN,
  UII,
  UNIT,
} from './builders.js';
import { contextAt, REQUESTS } from './requests.builders.js';
import { INVENTORY } from './service.js';

const STRANGER = 'pol-depot';
const ORGANISATIONS = [
  { id: DEPOT, codes: ['W99DP1'] },
  { id: UNIT, codes: ['W99UN1'] },
  { id: CARRIER, codes: ['H9C91'] },
  { id: SUPPLIER, codes: ['D9X91'] },
  { id: STRANGER, codes: ['W99PD1'] },
  { id: 'operator', codes: ['operator'] },
] as const;

type Row = AccessRow<InventoryMethod, InventoryDoors> & { readonly stage?: Stage };
const catalogue = inventoryV1.CatalogueService.method;
const stock = inventoryV1.StockService.method;
const assets = inventoryV1.AssetService.method;
const custody = inventoryV1.CustodyService.method;

const STOCK: readonly Row[] = [
  {
    method: catalogue.registerItem,
    contract: 'Registers an item of supply. Needs the role item-manager.',
    grants: [{ roles: ['item-manager'] }],
    request: () => REQUESTS.item('6615-12-999-9902'),
  },
  {
    method: catalogue.getItem,
    contract: 'One item. Any caller with a token',
    grants: [{}],
    request: () => ({ niin: NIIN }),
  },
  {
    method: stock.postReceipt,
    contract: 'Needs the role storage-clerk of the organisation the RIC belongs to.',
    grants: [{ roles: ['storage-clerk'], of: [DEPOT] }],
    // Whose a RIC is, everybody may ask.
    foreign: 'PERMISSION_DENIED',
    request: () => REQUESTS.receipt(),
  },
  {
    method: stock.issueMateriel,
    contract: 'Needs the role storage-clerk of the organisation the RIC belongs to.',
    grants: [{ roles: ['storage-clerk'], of: [DEPOT] }],
    foreign: 'PERMISSION_DENIED',
    stage: 'ordered',
    request: () => REQUESTS.issue(),
  },
  {
    method: stock.reverseTransaction,
    contract: 'Needs the role item-manager of the organisation the RIC belongs to.',
    grants: [{ roles: ['item-manager'], of: [DEPOT] }],
    foreign: 'PERMISSION_DENIED',
    stage: 'received',
    request: ({ last }) => ({
      ...{ context: contextAt('2026-10-30T12:00:00Z'), ric: RIC, nsn: `6615${NIIN}`, quantity: 2n, reason: 'wrong count' },
      original: { position: last.position, recordDigest: last.recordDigest },
    }),
  },
  {
    method: stock.getStock,
    contract: 'The ledger of one RIC and NIIN. The storing organisation only; all others get NOT_FOUND.',
    grants: [{ of: [DEPOT] }],
    stage: 'suspected',
    request: () => ({ ric: RIC, niin: NIIN }),
    absent: () => ({ ric: RIC, niin: '129999909' }),
  },
  {
    method: stock.listStock,
    contract:
      "whose RIC belongs to the caller's organisation now; nothing of any other. Read from a read model. Any caller with a token.",
    grants: [{}],
    request: () => ({ ric: RIC }),
  },
  {
    method: inventoryV1.StorageService.method.getStorage,
    contract: 'Any caller with a token.',
    grants: [{}],
    request: () => ({ ric: RIC }),
  },
  {
    method: inventoryV1.DueInService.method.getDueIn,
    contract: 'One expected shipment. The storing organisation and the supplier only; all others get NOT_FOUND.',
    grants: [{ of: [DEPOT, SUPPLIER] }],
    request: () => ({ piid: PIID, shipmentNumber: SHIPMENT }),
    absent: () => ({ piid: PIID, shipmentNumber: 'SER0009' }),
  },
  {
    method: inventoryV1.ReleaseOrderService.method.getReleaseOrder,
    contract: 'One release order. The storing organisation and the requisitioner only; all others get NOT_FOUND.',
    grants: [{ of: [DEPOT, UNIT] }],
    stage: 'ordered',
    request: () => ({ documentNumber: REQUISITION_NUMBER, year: 2026 }),
    absent: () => ({ documentNumber: REQUISITION_NUMBER, year: 2016 }),
  },
];

const INSPECTORS = { roles: ['inspector'], of: [DEPOT] } as const;
const ASSETS: readonly Row[] = [
  {
    method: assets.releaseHold,
    contract: "Needs the role inspector, a laboratory's signed result, and another person",
    grants: [INSPECTORS],
    stage: 'suspected',
    request: () => REQUESTS.laboratory('AUTHENTIC'),
    absent: () => REQUESTS.laboratory('AUTHENTIC', 'DD9X91IMU7700-3999999B'),
  },
  {
    method: assets.confirmCounterfeit,
    contract: 'Confirms a counterfeit suspicion, for good. Needs what ReleaseHold needs.',
    grants: [INSPECTORS],
    stage: 'suspected',
    request: () => REQUESTS.laboratory('COUNTERFEIT'),
    absent: () => REQUESTS.laboratory('COUNTERFEIT', 'DD9X91IMU7700-3999999B'),
  },
  {
    method: assets.getAsset,
    contract: 'One asset. Organisations it was shared with only; all others get NOT_FOUND.',
    grants: [{ of: [DEPOT, UNIT] }],
    stage: 'issued',
    request: () => ({ uii: UII }),
    absent: () => ({ uii: 'DD9X91IMU7700-3999999B' }),
  },
  {
    method: assets.getAsset,
    about: 'that stays in stock',
    contract: 'One asset. Organisations it was shared with only; all others get NOT_FOUND.',
    grants: [{ of: [DEPOT] }],
    stage: 'issued',
    request: () => ({ uii: OTHER_UII }),
    absent: () => ({ uii: 'DD9X91IMU7700-3999999B' }),
  },
];

const CUSTODIANS = 'All commands need the role custodian. Organisations that are no party to the shipment get NOT_FOUND.';
const OTHER_TCN = 'X'.repeat(17);
const absentUnit = (request: object): object => ({ ...request, unit: { tcn: OTHER_TCN, piece: 1 } });
/** Parties are told why not; for all others there is no such shipment. */
const toParties =
  (code: ErrorCode, ...parties: readonly string[]) =>
  ({ organisationId }: MatrixCaller): ErrorCode =>
    parties.includes(organisationId) ? code : 'NOT_FOUND';
const refusal = async (doors: InventoryDoors): Promise<object> => {
  const { tallyDigest: _digest, ...named } = (await answer(doors, CARRIER)) as { readonly tallyDigest?: unknown };
  return named;
};
const delivery = (): object => ({
  ...{ context: contextAt('2026-11-05T04:40:00Z'), unit: { tcn: TCN, piece: 1 } },
  ...{ quantity: 1n, uiis: [UII] },
});
const CUSTODY: readonly Row[] = [
  {
    method: custody.offerCustody,
    contract: `${CUSTODIANS} Offers custody to another organisation with a tally of what is handed over. Only the holder.`,
    grants: [{ roles: ['custodian'], of: [DEPOT] }],
    foreign: toParties('CUSTODY_NOT_HELD', UNIT),
    stage: 'issued',
    request: () => REQUESTS.offer(CARRIER),
    absent: () => REQUESTS.offer(CARRIER, OTHER_TCN),
  },
  {
    method: custody.acceptCustody,
    contract: `${CUSTODIANS} Accepts an open offer. Only the organisation it was made to`,
    grants: [{ roles: ['custodian'], of: [CARRIER] }],
    foreign: toParties('CUSTODY_OFFER_ABSENT', DEPOT, UNIT),
    stage: 'offered',
    request: (doors) => answer(doors, CARRIER),
    absent: async (doors) => absentUnit(await answer(doors, CARRIER)),
  },
  {
    method: custody.refuseCustody,
    contract: `${CUSTODIANS} Refuses an open offer. Only the organisation it was made to.`,
    grants: [{ roles: ['custodian'], of: [CARRIER] }],
    foreign: toParties('CUSTODY_OFFER_ABSENT', DEPOT, UNIT),
    stage: 'offered',
    request: async (doors) => ({ ...(await refusal(doors)), reason: 'seal broken' }),
    absent: async (doors) => absentUnit({ ...(await refusal(doors)), reason: 'seal broken' }),
  },
  {
    method: custody.withdrawOffer,
    contract: `${CUSTODIANS} Withdraws an open offer. Only the holder.`,
    grants: [{ roles: ['custodian'], of: [DEPOT] }],
    foreign: toParties('CUSTODY_NOT_HELD', CARRIER, UNIT),
    stage: 'offered',
    request: refusal,
    absent: async (doors) => absentUnit(await refusal(doors)),
  },
  {
    method: custody.confirmDelivery,
    contract: `${CUSTODIANS} The requisitioner has received the shipment unit: the end of this custody. Only the holder, if the requisition is its own.`,
    grants: [{ roles: ['custodian'], of: [UNIT] }],
    foreign: toParties('CUSTODY_NOT_HELD', DEPOT, CARRIER),
    stage: 'arrived',
    request: delivery,
    absent: () => absentUnit(delivery()),
  },
  {
    method: custody.getCustody,
    contract: 'Organisations that are no party to the shipment get NOT_FOUND. Who holds the shipment unit',
    grants: [{ of: [DEPOT, CARRIER, UNIT] }],
    stage: 'offered',
    request: () => ({ unit: { tcn: TCN, piece: 1 } }),
    absent: () => ({ unit: { tcn: OTHER_TCN, piece: 1 } }),
  },
];

describe('who may call what at the doors of inventory', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<InventoryMethod, InventoryDoors>({
    methods: INVENTORY.grpcServices.flatMap(({ methods }) => methods),
    rows: [...STOCK, ...ASSETS, ...CUSTODY],
    organisations: ORGANISATIONS,
    open: (stage = 'announced') => openInventoryDoors(tokens, stage as Stage),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
  });

  it('is said of every rpc, and none needs no token', () => {
    expect(matrix.missing).toEqual([]);
    expect(INVENTORY.openMethods).toBeUndefined();
  });

  it.each(matrix.rows)('%s: as its contract says', (_name, { method, contract }) => {
    expect(contractComment(method.parent.file.name, method.parent.name, method.name)).toContain(contract);
  });

  it.each(matrix.rows)('%s: by everybody', async (_name, row) => {
    expect(await matrix.answers(row)).toEqual(matrix.expected(row));
  });

  it.each(matrix.rows)('%s: no hint whether it is there', async (_name, row) => {
    const hints = await matrix.hints(row);
    expect(hints?.existing).toEqual(hints?.absent);
  });
});
