import { createTokenVerifier, type TestTokens } from '@countersign/access';
import { createMemoryIdentity, createMemoryJournal, type MemoryJournal } from '@countersign/event-log';
import { createDirectDoor } from '@countersign/grpc';
import type { Fact } from '@countersign/host';
import type { Actor, CommandEnvelope, Role } from '@countersign/kernel';
import { procurementV1 } from '@countersign/proto';
import type { MatrixWorld } from '@countersign/testing';
import { TERMS, UIIS } from './agreement/agreement.builders.js';
import { AgreementController } from './agreement/agreement.controller.js';
import { AGREEMENT } from './agreement/agreement.js';
import { EvaluateAgreementHandler } from './agreement/evaluate-agreement.handler.js';
import { SignAgreementHandler } from './agreement/sign-agreement.handler.js';
import { directoryOf, dataSourceOf } from './directory-fixture.js';
import { PIID } from './order/order.builders.js';
import { OrderController } from './order/order.controller.js';
import { PlaceOrderHandler } from './order/place-order.handler.js';
import { DirectoryController } from './organisation-directory/directory.controller.js';
import { NoteReceiptHandler } from './reactions/note-receipt.handler.js';
import { AcceptReceiptHandler } from './receiving-report/accept-receipt.handler.js';
import { InspectReceiptHandler } from './receiving-report/inspect-receipt.handler.js';
import { ReceivingReportController } from './receiving-report/receiving-report.controller.js';
import { ResolveDiscrepancyHandler } from './receiving-report/resolve-discrepancy.handler.js';
import {
  AGENCY,
  BUYER,
  CONSIGNEE,
  OVERAGE,
  REPORTER,
  REQUESTS,
  RTD_REFERENCE,
  SHIPMENT,
  SUPPLIER,
  UNIT,
} from './requests.builders.js';
import type { RequisitionList } from './requisition-list/requisition-list.query.js';
import { CancelRequisitionHandler } from './requisition/cancel-requisition.handler.js';
import { ReleaseRequisitionHandler } from './requisition/release-requisition.handler.js';
import { ReportRequisitionHandler } from './requisition/report-requisition.handler.js';
import { RequisitionController } from './requisition/requisition.controller.js';
import { SubmitRequisitionHandler } from './requisition/submit-requisition.handler.js';
import type { PROCUREMENT } from './service.js';
import { ShipmentNoticeController } from './shipment-notice/shipment-notice.controller.js';
import { SubmitShipmentNoticeHandler } from './shipment-notice/submit-shipment-notice.handler.js';

export const ORIGIN = 'countersign.example/procurement';
const LOG_IDENTITY = createMemoryIdentity({ origin: ORIGIN });

export type ProcurementMethod = (typeof PROCUREMENT.grpcServices)[number]['methods'][number];

/** How far order or requisition has gone. */
export type Stage =
  'drafted' | 'signed' | 'active' | 'noticed' | 'received' | 'inspected' | 'disputed' | 'requested' | 'reviewed' | 'reported';

/** Procurement's doors on a journal in memory. */
export interface ProcurementDoors extends MatrixWorld<ProcurementMethod> {
  readonly journal: MemoryJournal;
  /** Digest of the agreement's terms; zeros before there is one. */
  termsDigest(): Promise<Uint8Array>;
  /** Calls as somebody with one role; throws unless it succeeds. */
  does(method: ProcurementMethod, by: Caller, request: object): Promise<void>;
}

interface Caller {
  readonly role: Role;
  readonly organisationId: string;
  readonly actingFor: string;
}

const DIRECTORY = directoryOf({
  [BUYER]: ['dodaac W99CT1'],
  [CONSIGNEE]: ['dodaac W99DP1', 'ric Z9D'],
  [SUPPLIER]: ['cage D9X91', 'cage D9X92'],
  [UNIT]: ['dodaac W99UN1'],
  [AGENCY]: ['agency MN/SAVAGE POLICE DEPT'],
});
const { signAgreement, activateAgreement } = procurementV1.AgreementService.method;
const { inspectReceipt } = procurementV1.ReceivingReportService.method;
const { submitRequisition, reviewRequisition } = procurementV1.RequisitionService.method;
const shipper: Caller = { role: 'supplier', organisationId: SUPPLIER, actingFor: 'D9X91' };
const officer: Caller = { role: 'contracting-officer', organisationId: BUYER, actingFor: 'W99CT1' };
const inspector: Caller = { role: 'inspector', organisationId: CONSIGNEE, actingFor: 'W99DP1' };
const requisitioner: Caller = { role: 'requisitioner', organisationId: UNIT, actingFor: 'W99UN1' };
const commander: Caller = { ...requisitioner, role: 'commander' };

type Move = (doors: ProcurementDoors) => Promise<unknown>;
const MOVES: Readonly<Record<Stage, Move>> = {
  drafted: ({ journal }) =>
    new PlaceOrderHandler(journal, DIRECTORY).handle(envelopeOf('erp-of-office', BUYER, 'order-1', '2026-09-14T08:00:00Z'), {
      ...{ piid: PIID, supplier: { cage: 'D9X91' }, buyer: { dodaac: 'W99CT1' }, shipTo: { dodaac: 'W99DP1', ric: 'Z9D' } },
      ...{ lines: [...TERMS.lines], conditions: TERMS.conditions },
    }),
  signed: async (doors) => doors.does(signAgreement, shipper, REQUESTS.signature(await doors.termsDigest())),
  active: async (doors) => doors.does(activateAgreement, officer, REQUESTS.signature(await doors.termsDigest())),
  noticed: (doors) => doors.does(procurementV1.ShipmentNoticeService.method.submitShipmentNotice, shipper, REQUESTS.notice()),
  received: ({ journal }) => new NoteReceiptHandler(journal).posted(receiptFact('receipt-1', 'W99DP163030001')),
  inspected: (doors) => doors.does(inspectReceipt, inspector, REQUESTS.inspection()),
  disputed: ({ journal }) => new NoteReceiptHandler(journal).posted(receiptFact(OVERAGE, 'W99DP163030002')),
  requested: (doors) => doors.does(submitRequisition, requisitioner, REQUESTS.requisition()),
  reviewed: (doors) => doors.does(reviewRequisition, commander, REQUESTS.step()),
  reported: ({ journal }) => {
    const { actor, ...rest } = envelopeOf('erp-of-disposal', REPORTER, 'row-1', '2019-10-01T08:00:00Z');
    return new ReportRequisitionHandler(journal, DIRECTORY).handle(actor, (eventTime) => ({ ...rest, actor, eventTime }), {
      ...{
        rtdReference: RTD_REFERENCE,
        requestedDate: '2019-10-01 08:00:00',
        cancelledBy: 'DLA',
        cancellationReason: 'none left',
      },
      ...{ agency: { state: 'MN', station: 'SAVAGE POLICE DEPT' }, item: { nsn: '2320011077155' }, itemName: 'TRUCK' },
      ...{ unitOfIssue: 'EA', quantity: 1, acquisitionValue: '47069.00', justification: 'patrol' },
    });
  },
};

const DELIVERY: readonly Stage[] = ['drafted', 'signed', 'active', 'noticed', 'received', 'inspected', 'disputed'];
const REQUISITION: readonly Stage[] = ['requested', 'reviewed'];

function wayTo(stage: Stage): readonly Stage[] {
  const way = [DELIVERY, REQUISITION].find((stages) => stages.includes(stage)) ?? [stage];
  return way.slice(0, way.indexOf(stage) + 1);
}

function envelopeOf(principalId: string, organisationId: string, commandId: string, eventTime: string): CommandEnvelope {
  const actor: Actor = {
    ...{ principalId, pseudonym: `p-${principalId}`, organisationId, actingFor: 'W99CT1', nation: 'USA' },
    roles: ['erp'],
  };
  return { commandId, actor, eventTime, correlationId: 'access', request: Buffer.from(commandId) };
}

/** Inventory's receipt of all that was announced. */
function receiptFact(eventId: string, documentNumber: string): Fact {
  const actor: Actor = {
    ...{ principalId: 'service-procurement', pseudonym: 'p-service', organisationId: 'operator', actingFor: 'operator' },
    ...{ nation: 'XXX', roles: ['service'] },
  };
  return {
    header: { id: eventId, source: 'countersign.example/inventory', time: '2026-10-30T09:00:00Z' },
    recordDigest: Buffer.alloc(32, eventId),
    data: {
      ...{ documentNumber, year: 2026, quantity: 4, uiis: [...UIIS], piid: PIID, shipmentNumber: SHIPMENT },
      postedBy: 'person-clerk',
    },
    inbox: { source: 'countersign.example/inventory', eventId, subject: `stock/${eventId}`, sequence: 0n },
    envelope: {
      ...{ commandId: eventId, actor, eventTime: '2026-10-30T09:00:01Z', correlationId: 'access', request: Buffer.from(eventId) },
    },
  } as unknown as Fact;
}

export async function openProcurementDoors(tokens: TestTokens, stage: Stage): Promise<ProcurementDoors> {
  const journal = createMemoryJournal({ identity: LOG_IDENTITY });
  const door = createDirectDoor({
    controllers: controllersOn(journal),
    authenticate: createTokenVerifier({ keys: { jwks: tokens.jwks }, logOrigin: ORIGIN }).authenticate,
    openMethods: [],
  });
  const doors: ProcurementDoors = {
    journal,
    call: (method, request, token) => door.call(method, request, token),
    size: () => journal.size(),
    termsDigest: async () => {
      const agreement = await journal.read(AGREEMENT, PIID);
      return agreement === undefined || agreement.status === 'NONE'
        ? Buffer.alloc(32)
        : Buffer.from(agreement.termsDigest, 'hex');
    },
    does: async (method, { role, ...by }, request) => {
      const token = await tokens.tokenOf({ ...by, principalId: `person-${role}`, nation: 'USA', roles: [role] });
      const answered = await door.call(method, request, token);
      if (answered.code !== 'OK') throw new Error(`${method.name}: ${answered.code} ${answered.message}`);
    },
  };
  for (const step of wayTo(stage)) await MOVES[step](doors);
  return doors;
}

/** Whose requisitions a caller sees is tested on the read model itself. */
const NO_REQUISITIONS: RequisitionList = { list: () => Promise.resolve({ result: [], asOf: 0n }) };

function controllersOn(journal: MemoryJournal): Parameters<typeof createDirectDoor>[0]['controllers'] {
  const signing = new SignAgreementHandler(journal);
  const evaluation = new EvaluateAgreementHandler(journal);
  return [
    [procurementV1.OrderService, new OrderController(journal)],
    [procurementV1.AgreementService, new AgreementController(signing, evaluation, journal)],
    [procurementV1.ShipmentNoticeService, new ShipmentNoticeController(new SubmitShipmentNoticeHandler(journal), journal)],
    [
      procurementV1.ReceivingReportService,
      new ReceivingReportController(
        new InspectReceiptHandler(journal),
        new AcceptReceiptHandler(journal),
        new ResolveDiscrepancyHandler(journal),
        journal,
      ),
    ],
    [
      procurementV1.RequisitionService,
      new RequisitionController(
        new SubmitRequisitionHandler(journal, DIRECTORY),
        new ReleaseRequisitionHandler(journal),
        new CancelRequisitionHandler(journal),
        journal,
        NO_REQUISITIONS,
      ),
    ],
    [procurementV1.DirectoryService, new DirectoryController(dataSourceOf(DIRECTORY))],
  ];
}
