import { createClient } from '@countersign/grpc';
import type { ServiceContext, ServiceDefinition } from '@countersign/host';
import { runConsumer, TOPICS, type ConsumerOptions } from '@countersign/kafka';
import { identityV1, procurementV1 } from '@countersign/proto';
import { AppModule } from './app.module.js';
import { LIMITS } from './config.js';
import { createSignerResolver, type ResolveSigner } from './erp-door/erp-principals.js';
import { integrationEvents } from './integration-events.js';
import { OrderConsumer } from './order/order.consumer.js';
import { PlaceOrderHandler } from './order/place-order.handler.js';
import { directorySubscription } from './organisation-directory/organisation-directory.projection.js';
import { OrganisationCodeRow, OrganisationRow } from './organisation-directory/organisation-rows.js';
import { evidenceSubscription } from './reactions/evidence.consumer.js';
import { inventorySubscription } from './reactions/inventory.consumer.js';
import { NoteEvidenceHandler } from './reactions/note-evidence.handler.js';
import { NoteFulfilmentHandler } from './reactions/note-fulfilment.handler.js';
import { NoteReceiptHandler } from './reactions/note-receipt.handler.js';
import { NoteSuspicionHandler } from './reactions/note-suspicion.handler.js';
import { requisitions } from './requisition-list/requisitions.projection.js';
import { ReportRequisitionHandler } from './requisition/report-requisition.handler.js';
import { RequisitionConsumer } from './requisition/requisition.consumer.js';

/** Procurement, as the host runs it. */
export const PROCUREMENT: ServiceDefinition = {
  name: 'procurement',
  module: AppModule,
  grpcServices: [
    procurementV1.OrderService,
    procurementV1.AgreementService,
    procurementV1.ShipmentNoticeService,
    procurementV1.ReceivingReportService,
    procurementV1.RequisitionService,
    procurementV1.DirectoryService,
  ],
  entities: [OrganisationRow, OrganisationCodeRow],
  projections: [requisitions],
  log: { outMapper: integrationEvents },
  start: async (context) => {
    const { app, subscribeEvents } = context;
    await subscribeEvents(directorySubscription());
    await subscribeEvents(
      inventorySubscription({
        receipts: app.get(NoteReceiptHandler),
        suspicions: app.get(NoteSuspicionHandler),
        fulfilment: app.get(NoteFulfilmentHandler),
        evidence: app.get(NoteEvidenceHandler),
      }),
    );
    await subscribeEvents(evidenceSubscription(app.get(NoteEvidenceHandler)));
    await openErpDoors(context);
  },
};

async function openErpDoors(context: ServiceContext): Promise<void> {
  const { app, config, tokenSource, onStop } = context;
  const principals = createClient(identityV1.PrincipalService, config.identityAddress, { tokenSource });
  onStop('principals', () => principals.close());
  const resolve: ResolveSigner = createSignerResolver(principals, originOf(context));
  const orders = new OrderConsumer(app.get(PlaceOrderHandler), resolve);
  const requisitions = new RequisitionConsumer(app.get(ReportRequisitionHandler), resolve);
  await openErpDoor(context, TOPICS.inOrder.name, { handle: (message) => orders.handle(message) });
  await openErpDoor(context, TOPICS.inRequisition.name, {
    handle: (message) => requisitions.handle(message),
    concurrency: LIMITS.erpMessagesAtOnce,
  });
}

async function openErpDoor(
  { bus, config, logger, onStop }: ServiceContext,
  topic: string,
  options: Pick<ConsumerOptions, 'handle' | 'concurrency'>,
): Promise<void> {
  const name = config.topicPrefix + topic;
  const consumption = await runConsumer({
    ...options,
    bus,
    groupId: `${config.topicPrefix}countersign-procurement-${topic}`,
    topics: [name],
    log: logger,
  });
  onStop(topic, () => consumption.stop());
}

/** Log origin of this service: what pseudonyms are made for. */
function originOf({ log }: ServiceContext): string {
  if (log === undefined) throw new Error('procurement has a log');
  return log.identity.origin;
}
