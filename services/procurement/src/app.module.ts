import type { Journal } from '@countersign/event-log';
import { JOURNAL } from '@countersign/host';
import { Module, type Provider, type Type } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AgreementController } from './agreement/agreement.controller.js';
import { EvaluateAgreementHandler } from './agreement/evaluate-agreement.handler.js';
import { SignAgreementHandler } from './agreement/sign-agreement.handler.js';
import { OrderController } from './order/order.controller.js';
import { PlaceOrderHandler } from './order/place-order.handler.js';
import { DirectoryController } from './organisation-directory/directory.controller.js';
import type { OrganisationDirectory } from './organisation-directory/organisation-directory.js';
import { patientDirectory } from './organisation-directory/patient-directory.js';
import { storedDirectory } from './organisation-directory/stored-directory.js';
import { NoteEvidenceHandler } from './reactions/note-evidence.handler.js';
import { NoteFulfilmentHandler } from './reactions/note-fulfilment.handler.js';
import { NoteReceiptHandler } from './reactions/note-receipt.handler.js';
import { NoteSuspicionHandler } from './reactions/note-suspicion.handler.js';
import { AcceptReceiptHandler } from './receiving-report/accept-receipt.handler.js';
import { InspectReceiptHandler } from './receiving-report/inspect-receipt.handler.js';
import { ReceivingReportController } from './receiving-report/receiving-report.controller.js';
import { ResolveDiscrepancyHandler } from './receiving-report/resolve-discrepancy.handler.js';
import { storedRequisitions } from './requisition-list/requisition-list.query.js';
import { REQUISITION_LIST } from './requisition-list/tokens.js';
import { CancelRequisitionHandler } from './requisition/cancel-requisition.handler.js';
import { ReleaseRequisitionHandler } from './requisition/release-requisition.handler.js';
import { ReportRequisitionHandler } from './requisition/report-requisition.handler.js';
import { RequisitionController } from './requisition/requisition.controller.js';
import { SubmitRequisitionHandler } from './requisition/submit-requisition.handler.js';
import { ShipmentNoticeController } from './shipment-notice/shipment-notice.controller.js';
import { SubmitShipmentNoticeHandler } from './shipment-notice/submit-shipment-notice.handler.js';

/** `OrganisationDirectory`, waiting for organisations that were registered a moment ago. */
const DIRECTORY = Symbol('OrganisationDirectory');

function onJournal<Handler>(handler: new (journal: Journal) => Handler): Provider {
  return { provide: handler as Type<Handler>, inject: [JOURNAL], useFactory: (journal: Journal) => new handler(journal) };
}

function onDirectory<Handler>(handler: new (journal: Journal, directory: OrganisationDirectory) => Handler): Provider {
  return {
    provide: handler as Type<Handler>,
    inject: [JOURNAL, DIRECTORY],
    useFactory: (journal: Journal, directory: OrganisationDirectory) => new handler(journal, directory),
  };
}

/** The composition root: what depends on what is decided here and nowhere else. */
@Module({
  controllers: [
    OrderController,
    AgreementController,
    ShipmentNoticeController,
    ReceivingReportController,
    RequisitionController,
    DirectoryController,
  ],
  providers: [
    {
      provide: DIRECTORY,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => patientDirectory(storedDirectory(dataSource)),
    },
    { provide: REQUISITION_LIST, inject: [DataSource], useFactory: storedRequisitions },
    onDirectory(PlaceOrderHandler),
    onJournal(SignAgreementHandler),
    onJournal(EvaluateAgreementHandler),
    onJournal(SubmitShipmentNoticeHandler),
    onJournal(InspectReceiptHandler),
    onJournal(AcceptReceiptHandler),
    onJournal(ResolveDiscrepancyHandler),
    onDirectory(SubmitRequisitionHandler),
    onDirectory(ReportRequisitionHandler),
    onJournal(ReleaseRequisitionHandler),
    onJournal(CancelRequisitionHandler),
    onJournal(NoteReceiptHandler),
    onJournal(NoteSuspicionHandler),
    onJournal(NoteFulfilmentHandler),
    onJournal(NoteEvidenceHandler),
  ],
})
export class AppModule {}
