import { TOPICS, type IncomingMessage } from '@countersign/kafka';
import { readErpCommand } from '../erp-door/erp-command.js';
import type { ResolveSigner } from '../erp-door/erp-principals.js';
import type { ReportedRow, ReportRequisitionHandler } from './report-requisition.handler.js';

/** The ERP door of requisitions: topic `countersign.in.procurement.requisition.v1`. */
export class RequisitionConsumer {
  constructor(
    private readonly reportRequisition: ReportRequisitionHandler,
    private readonly resolve: ResolveSigner,
  ) {}

  /** @throws DomainError what the door and `ReportRequisitionHandler` throw; the loop puts it into the dead letter topic */
  async handle(message: IncomingMessage): Promise<void> {
    const command = await readErpCommand<ReportedRow>(message, TOPICS.inRequisition, this.resolve);
    await this.reportRequisition.handle(command.actor, command.envelopeAt, command.statement);
  }
}
