import { TOPICS, type IncomingMessage } from '@countersign/kafka';
import { parsePastTime } from '@countersign/kernel';
import { withCorrelation } from '@countersign/observability';
import { readErpCommand } from '../erp-door/erp-command.js';
import type { ResolveSigner } from '../erp-door/erp-principals.js';
import type { OrderStatement, PlaceOrderHandler } from './place-order.handler.js';

/** The ERP door of orders: topic `countersign.in.procurement.order.v1`. */
export class OrderConsumer {
  constructor(
    private readonly placeOrder: PlaceOrderHandler,
    private readonly resolve: ResolveSigner,
  ) {}

  /** @throws DomainError what the door and `PlaceOrderHandler` throw; the loop puts it into the dead letter topic */
  async handle(message: IncomingMessage): Promise<void> {
    const command = await readErpCommand<OrderStatement>(message, TOPICS.inOrder, this.resolve);
    const eventTime = parsePastTime(command.event.time, 'time', new Date().toISOString());
    const envelope = command.envelopeAt(eventTime);
    await withCorrelation(envelope.correlationId, () => this.placeOrder.handle(envelope, command.statement));
  }
}
