import 'reflect-metadata';
import { createTestTokens, type TestTokens } from '@countersign/access';
import { procurementV1 } from '@countersign/proto';
import { contractComment, createAccessMatrix, type AccessRow } from '@countersign/testing';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openProcurementDoors, ORIGIN, type ProcurementDoors, type ProcurementMethod, type Stage } from './access-fixture.js';
import { PIID } from './order/order.builders.js';
import {
  AGENCY,
  BUYER,
  CONSIGNEE,
  DOCUMENT,
  REPORTER,
  REQUESTS,
  RTD_REFERENCE,
  SHIPMENT,
  SUPPLIER,
  UNIT,
} from './requests.builders.js';
import { PROCUREMENT } from './service.js';

const ORGANISATIONS = [
  { id: BUYER, codes: ['W99CT1'] },
  { id: CONSIGNEE, codes: ['W99DP1'] },
  { id: SUPPLIER, codes: ['D9X91', 'D9X92'] },
  { id: UNIT, codes: ['W99UN1'] },
  { id: AGENCY, codes: ['2YTAAA'] },
  { id: REPORTER, codes: ['W99DI1'] },
  { id: 'pol-supplier', codes: ['9Z9Z9'] },
  { id: 'operator', codes: ['operator'] },
] as const;

type Row = AccessRow<ProcurementMethod, ProcurementDoors> & { readonly stage?: Stage };
const agreements = procurementV1.AgreementService.method;
const notices = procurementV1.ShipmentNoticeService.method;
const reports = procurementV1.ReceivingReportService.method;
const requisitions = procurementV1.RequisitionService.method;

const OTHER_PIID = 'W99CT126C9999';
const OTHER_REPORT = { piid: PIID, shipmentNumber: 'SER0009' };
const OTHER_DOCUMENT = { ...DOCUMENT, year: 2016 };
const SHIPPERS = { roles: ['supplier'], of: [SUPPLIER], actingFor: ['D9X91'] } as const;
const OFFICERS = { roles: ['contracting-officer'], of: [BUYER] } as const;

const ORDERS: readonly Row[] = [
  {
    method: procurementV1.OrderService.method.getOrder,
    contract: 'One order. Callers need to belong to the buyer, the supplier or the place of delivery; all others get NOT_FOUND.',
    grants: [{ of: [BUYER, SUPPLIER, CONSIGNEE] }],
    request: () => ({ piid: PIID }),
    absent: () => ({ piid: OTHER_PIID }),
  },
  {
    method: agreements.signAgreement,
    contract: "The supplier signs the terms. Needs the role supplier, acting for the order's CAGE.",
    grants: [SHIPPERS],
    request: async (doors) => REQUESTS.signature(await doors.termsDigest()),
    absent: async (doors) => REQUESTS.signature(await doors.termsDigest(), OTHER_PIID),
  },
  {
    method: agreements.activateAgreement,
    contract: 'Needs the role contracting-officer of the buyer; the supplier must have signed.',
    grants: [OFFICERS],
    stage: 'signed',
    request: async (doors) => REQUESTS.signature(await doors.termsDigest()),
    absent: async (doors) => REQUESTS.signature(await doors.termsDigest(), OTHER_PIID),
  },
  {
    method: agreements.evaluateAgreement,
    contract: 'Needs the role contracting-officer of the buyer.',
    grants: [OFFICERS],
    stage: 'active',
    request: () => REQUESTS.evaluation(),
    absent: () => REQUESTS.evaluation(OTHER_PIID),
  },
  {
    method: agreements.getAgreement,
    contract: 'One agreement with its evidence and evaluations. Buyer and supplier only; all others get NOT_FOUND.',
    grants: [{ of: [BUYER, SUPPLIER] }],
    request: () => ({ piid: PIID }),
    absent: () => ({ piid: OTHER_PIID }),
  },
  {
    method: notices.submitShipmentNotice,
    contract: "Needs the role supplier, acting for the order's CAGE; the agreement must be active.",
    grants: [SHIPPERS],
    stage: 'active',
    request: () => REQUESTS.notice(),
    absent: () => REQUESTS.notice(OTHER_PIID),
  },
  {
    method: notices.getShipmentNotice,
    contract: 'One notice. Buyer, supplier and place of delivery only; all others get NOT_FOUND.',
    grants: [{ of: [BUYER, SUPPLIER, CONSIGNEE] }],
    stage: 'noticed',
    request: () => ({ piid: PIID, shipmentNumber: SHIPMENT }),
    absent: () => OTHER_REPORT,
  },
  {
    method: procurementV1.DirectoryService.method.findOrganisation,
    contract: 'Any caller with a token.',
    grants: [{}],
    request: () => ({ key: { case: 'dodaac', value: 'W99CT1' } }),
  },
];

const REPORTS: readonly Row[] = [
  {
    method: reports.inspectReceipt,
    contract: 'Records an inspection. Needs the role inspector of the buyer or the place of delivery',
    grants: [{ roles: ['inspector'], of: [BUYER, CONSIGNEE] }],
    stage: 'received',
    request: () => REQUESTS.inspection(),
    absent: () => REQUESTS.inspection(OTHER_REPORT),
  },
  {
    method: reports.acceptReceipt,
    contract: 'Accepts inspected materiel for the Government. Needs the role acceptor of the buyer or the place of delivery;',
    grants: [{ roles: ['acceptor'], of: [BUYER, CONSIGNEE] }],
    stage: 'inspected',
    request: () => REQUESTS.acceptance(),
    absent: () => REQUESTS.acceptance(OTHER_REPORT),
  },
  {
    method: reports.resolveDiscrepancy,
    contract: 'Closes a discrepancy with its disposition. Needs the role contracting-officer of the buyer.',
    grants: [OFFICERS],
    stage: 'disputed',
    request: () => REQUESTS.resolution(),
    absent: () => REQUESTS.resolution(OTHER_REPORT),
  },
  {
    method: reports.getReceivingReport,
    contract: 'One report. Buyer, supplier and place of delivery only; all others get NOT_FOUND.',
    grants: [{ of: [BUYER, SUPPLIER, CONSIGNEE] }],
    stage: 'disputed',
    request: () => ({ piid: PIID, shipmentNumber: SHIPMENT }),
    absent: () => OTHER_REPORT,
  },
];

const OWN_COMMANDERS = { roles: ['commander'], of: [UNIT] } as const;
const REQUISITIONS: readonly Row[] = [
  {
    method: requisitions.submitRequisition,
    contract: "Needs the role requisitioner; the document number must begin with the caller's own DoDAAC.",
    grants: [{ roles: ['requisitioner'], actingFor: ['W99UN1'] }],
    foreign: 'PERMISSION_DENIED',
    request: () => REQUESTS.requisition(),
  },
  {
    method: requisitions.reviewRequisition,
    contract: 'Needs the role commander of the requisitioning organisation, and another person than the submitter.',
    grants: [OWN_COMMANDERS],
    stage: 'requested',
    request: () => REQUESTS.step(),
    absent: () => REQUESTS.step(OTHER_DOCUMENT),
  },
  {
    method: requisitions.releaseRequisition,
    contract:
      'Needs the role commander of the requisitioning organisation or item-manager of the supply source, and another person than the submitter',
    grants: [OWN_COMMANDERS, { roles: ['item-manager'], of: [CONSIGNEE] }],
    stage: 'reviewed',
    request: () => REQUESTS.step(),
    absent: () => REQUESTS.step(OTHER_DOCUMENT),
  },
  {
    method: requisitions.cancelRequisition,
    contract: 'Needs the role requisitioner or commander of the requisitioning organisation.',
    grants: [{ roles: ['requisitioner', 'commander'], of: [UNIT] }],
    stage: 'requested',
    request: () => REQUESTS.cancellation(),
    absent: () => REQUESTS.cancellation(OTHER_DOCUMENT),
  },
  {
    method: requisitions.getRequisition,
    contract:
      'One requisition. Requisitioner, supply source and the organisation whose ERP reported it only; all others get NOT_FOUND.',
    grants: [{ of: [UNIT, CONSIGNEE] }],
    stage: 'reviewed',
    request: () => ({ key: { case: 'numbered', value: DOCUMENT } }),
    absent: () => ({ key: { case: 'numbered', value: OTHER_DOCUMENT } }),
  },
  {
    method: requisitions.getRequisition,
    about: 'that an ERP reported',
    contract:
      'One requisition. Requisitioner, supply source and the organisation whose ERP reported it only; all others get NOT_FOUND.',
    grants: [{ of: [AGENCY, REPORTER] }],
    stage: 'reported',
    request: () => ({ key: { case: 'rtdReference', value: RTD_REFERENCE } }),
    absent: () => ({ key: { case: 'rtdReference', value: '2451999' } }),
  },
  {
    method: requisitions.listRequisitions,
    contract:
      "Requisitions of the caller's organisation, and those that name it as supply source; nothing of any other. Read from a read model. Any caller with a token.",
    grants: [{}],
    request: () => ({ statuses: ['SHIPPED'] }),
  },
];

describe('who may call what at the doors of procurement', () => {
  let tokens: TestTokens;
  const matrix = createAccessMatrix<ProcurementMethod, ProcurementDoors>({
    methods: PROCUREMENT.grpcServices.flatMap(({ methods }) => methods),
    rows: [...ORDERS, ...REPORTS, ...REQUISITIONS],
    organisations: ORGANISATIONS,
    open: (stage = 'drafted') => openProcurementDoors(tokens, stage as Stage),
    tokenOf: (caller, change) => tokens.tokenOf(caller, change),
  });
  beforeAll(async () => {
    tokens = await createTestTokens([ORIGIN]);
  });

  it('is said of every rpc, and none needs no token', () => {
    expect(matrix.missing).toEqual([]);
    expect(PROCUREMENT.openMethods).toBeUndefined();
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

  // The contract of OrderLine.unit_price.
  it('prices are told to buyer and supplier only', async () => {
    const doors = await openProcurementDoors(tokens, 'active');
    for (const { id, codes } of ORGANISATIONS) {
      const token = await tokens.tokenOf({ principalId: 'r', organisationId: id, actingFor: codes[0], nation: 'USA', roles: [] });
      const answer = await doors.call(procurementV1.OrderService.method.getOrder, { piid: PIID }, token);
      const told = JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
      expect([id, told.includes('48250')]).toEqual([id, [BUYER, SUPPLIER].includes(id)]);
    }
  });
});
