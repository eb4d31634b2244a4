import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Journal } from '@countersign/event-log';
import { commandEnvelope, GrpcController, type GrpcHandlers, type RpcCall } from '@countersign/grpc';
import { JOURNAL, outcomeMessage, pageOf, pageTerms } from '@countersign/host';
import { parseNiin, parseNsn, parseQuantity, parseRic } from '@countersign/kernel';
import { inventoryV1 } from '@countersign/proto';
import { Inject } from '@nestjs/common';
import type { StockOnHand } from '../stock-on-hand/stock-on-hand.query.js';
import { STOCK_ON_HAND_QUERY } from '../stock-on-hand/tokens.js';
import { getStock } from './get-stock.query.js';
import { IssueMaterielHandler } from './issue-materiel.handler.js';
import { PostReceiptHandler } from './post-receipt.handler.js';
import { ReverseTransactionHandler } from './reverse-transaction.handler.js';
import { issueStatement, receiptStatement } from './stock-requests.js';

@GrpcController(inventoryV1.StockService)
export class StockController implements GrpcHandlers<typeof inventoryV1.StockService> {
  constructor(
    @Inject(JOURNAL) private readonly journal: Journal,
    private readonly receipts: PostReceiptHandler,
    private readonly issues: IssueMaterielHandler,
    private readonly reversals: ReverseTransactionHandler,
    @Inject(STOCK_ON_HAND_QUERY) private readonly onHand: StockOnHand,
  ) {}

  async postReceipt(
    request: inventoryV1.PostReceiptRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.PostReceiptResponseSchema>> {
    const envelope = commandEnvelope(call, request.context);
    const statement = receiptStatement(request, envelope.eventTime);
    const outcome = await this.receipts.handle(envelope, statement);
    return { outcome: outcomeMessage(outcome), year: statement.year, suspectUiis: [...outcome.result.suspectUiis] };
  }

  async issueMateriel(
    request: inventoryV1.IssueMaterielRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.IssueMaterielResponseSchema>> {
    const outcome = await this.issues.handle(commandEnvelope(call, request.context), issueStatement(request));
    return { outcome: outcomeMessage(outcome) };
  }

  async reverseTransaction(
    request: inventoryV1.ReverseTransactionRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.ReverseTransactionResponseSchema>> {
    const { original, reason } = request;
    const outcome = await this.reversals.handle(commandEnvelope(call, request.context), {
      ric: parseRic(request.ric, 'ric'),
      nsn: parseNsn(request.nsn, 'nsn'),
      original: { position: original?.position ?? 0n, recordDigest: original?.recordDigest ?? new Uint8Array() },
      quantity: parseQuantity(request.quantity, 'quantity'),
      reason,
    });
    return { outcome: outcomeMessage(outcome) };
  }

  async getStock(
    request: inventoryV1.GetStockRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.GetStockResponseSchema>> {
    const stock = await getStock(this.journal, parseRic(request.ric, 'ric'), parseNiin(request.niin, 'niin'), call.actor);
    return {
      nsn: stock.nsn,
      unitOfIssue: stock.unitOfIssue,
      balances: stock.balances.map(({ condition, onHand, held, uiis }) => ({
        condition,
        onHand: BigInt(onHand),
        held: BigInt(held),
        uiis: [...uiis],
      })),
      issuable: BigInt(stock.issuable),
    };
  }

  async listStock(
    { ric, niin, condition, ...page }: inventoryV1.ListStockRequest,
    call: RpcCall,
  ): Promise<MessageInitShape<typeof inventoryV1.ListStockResponseSchema>> {
    const terms = pageTerms(page);
    const { organisationId } = call.actor;
    const { asOf, result } = await this.onHand.list({ organisationId, ric, niin, condition }, terms);
    const { rows, nextPageToken } = pageOf(result, terms);
    const lines = rows.map((row) => ({
      ric: row.ric,
      nsn: row.nsn,
      condition: row.condition,
      onHand: BigInt(row.onHand),
      unitOfIssue: row.unitOfIssue,
    }));
    return { lines, nextPageToken, asOf };
  }
}
