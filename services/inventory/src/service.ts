import { JOURNAL, type ServiceDefinition } from '@countersign/host';
import type { Journal } from '@countersign/event-log';
import { inventoryV1 } from '@countersign/proto';
import { AppModule } from './app.module.js';
import { reactions } from './reactions/reactions.js';
import { stockOnHand } from './stock-on-hand/stock-on-hand.projection.js';

/** Inventory, as the host runs it. It maps nothing to `out.*` topics. */
export const INVENTORY: ServiceDefinition = {
  name: 'inventory',
  module: AppModule,
  grpcServices: [
    inventoryV1.CatalogueService,
    inventoryV1.StockService,
    inventoryV1.AssetService,
    inventoryV1.CustodyService,
    inventoryV1.DueInService,
    inventoryV1.ReleaseOrderService,
    inventoryV1.StorageService,
  ],
  log: {},
  projections: [stockOnHand],
  start: async ({ app, subscribeEvents }) => {
    await subscribeEvents(reactions(app.get<Journal>(JOURNAL)));
  },
};
