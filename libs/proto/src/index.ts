/**
 * The contracts in `proto/` as protobuf-es code, one namespace a protobuf package:
 * `import { inventoryV1 } from '@countersign/proto'` gives `inventoryV1.StockService`, `inventoryV1.GetStockRequestSchema` and the message types.
 */
export * from './gen/index.js';
