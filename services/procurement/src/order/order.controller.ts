import type { Journal } from '@countersign/event-log';
import { GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL } from '@countersign/host';
import { procurementV1 } from '@countersign/proto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Inject } from '@nestjs/common';
import { readOrder, type ReadableOrder } from './order.query.js';
import type { OrderedLine } from './order.js';

@GrpcController(procurementV1.OrderService)
export class OrderController implements GrpcHandlers<typeof procurementV1.OrderService> {
  constructor(@Inject(JOURNAL) private readonly journal: Journal) {}

  async getOrder(
    request: procurementV1.GetOrderRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof procurementV1.GetOrderResponseSchema>> {
    const readable = await readOrder(this.journal, call.actor, request.piid);
    const { piid, supplierCage, shipTo, lines } = readable.order;
    return { piid, supplierCage, shipTo, lines: lines.map((line) => lineMessage(readable, line)) };
  }
}

function lineMessage(
  { order, showsPrices }: ReadableOrder,
  line: OrderedLine,
): MessageInitShape<typeof procurementV1.OrderLineSchema> {
  const price = order.prices.find(({ clin }) => clin === line.clin);
  return {
    ...line,
    quantity: BigInt(line.quantity),
    shipped: BigInt(order.shipped.get(line.clin) ?? 0),
    unitPrice: showsPrices && price ? { amount: price.amount, currency: price.currency } : undefined,
  };
}
