import type { TokenSource } from '@countersign/access';
import type { Journal, LogIdentity, LogReader } from '@countersign/event-log';
import { JOURNAL, LOG_IDENTITY, LOG_READER, SERVICE_CONFIG, TOKEN_SOURCE, type ServiceConfig } from '@countersign/host';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AssetController } from './asset/asset.controller.js';
import { EndSuspicionHandler } from './asset/end-suspicion.handler.js';
import { IdentityPrincipalKeys } from './asset/identity-principal-keys.js';
import type { PrincipalKeys } from './asset/laboratory-result.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { RegisterItemHandler } from './catalogue/register-item.handler.js';
import { AnswerOfferHandler } from './custody/answer-offer.handler.js';
import { ConfirmDeliveryHandler } from './custody/confirm-delivery.handler.js';
import { CustodyController } from './custody/custody.controller.js';
import { OfferCustodyHandler } from './custody/offer-custody.handler.js';
import { DueInController } from './due-in/due-in.controller.js';
import { ReleaseOrderController } from './release-order/release-order.controller.js';
import { IssueMaterielHandler } from './stock/issue-materiel.handler.js';
import { PostReceiptHandler } from './stock/post-receipt.handler.js';
import { ReverseTransactionHandler } from './stock/reverse-transaction.handler.js';
import { StockController } from './stock/stock.controller.js';
import { storedStockOnHand } from './stock-on-hand/stock-on-hand.query.js';
import { STOCK_ON_HAND_QUERY } from './stock-on-hand/tokens.js';
import { StorageController } from './storage/storage.controller.js';

/** `PrincipalKeys`: whose signature on a laboratory result counts. */
const PRINCIPAL_KEYS = Symbol('PrincipalKeys');

/** The only composition root of inventory. */
@Module({
  controllers: [
    CatalogueController,
    StockController,
    AssetController,
    CustodyController,
    DueInController,
    ReleaseOrderController,
    StorageController,
  ],
  providers: [
    {
      provide: PRINCIPAL_KEYS,
      useFactory: ({ identityAddress }: ServiceConfig, tokenSource: TokenSource, { origin }: LogIdentity) =>
        new IdentityPrincipalKeys({ address: identityAddress, tokenSource, logOrigin: origin }),
      inject: [SERVICE_CONFIG, TOKEN_SOURCE, LOG_IDENTITY],
    },
    { provide: STOCK_ON_HAND_QUERY, useFactory: storedStockOnHand, inject: [DataSource] },
    { provide: RegisterItemHandler, useFactory: (journal: Journal) => new RegisterItemHandler(journal), inject: [JOURNAL] },
    { provide: PostReceiptHandler, useFactory: (journal: Journal) => new PostReceiptHandler(journal), inject: [JOURNAL] },
    { provide: IssueMaterielHandler, useFactory: (journal: Journal) => new IssueMaterielHandler(journal), inject: [JOURNAL] },
    {
      provide: ReverseTransactionHandler,
      useFactory: (journal: Journal, log: LogReader) => new ReverseTransactionHandler(journal, log),
      inject: [JOURNAL, LOG_READER],
    },
    {
      provide: EndSuspicionHandler,
      useFactory: (journal: Journal, keys: PrincipalKeys) => new EndSuspicionHandler(journal, keys),
      inject: [JOURNAL, PRINCIPAL_KEYS],
    },
    { provide: OfferCustodyHandler, useFactory: (journal: Journal) => new OfferCustodyHandler(journal), inject: [JOURNAL] },
    {
      provide: AnswerOfferHandler,
      useFactory: (journal: Journal, log: LogReader) => new AnswerOfferHandler(journal, log),
      inject: [JOURNAL, LOG_READER],
    },
    { provide: ConfirmDeliveryHandler, useFactory: (journal: Journal) => new ConfirmDeliveryHandler(journal), inject: [JOURNAL] },
  ],
})
export class AppModule {}
