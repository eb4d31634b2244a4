import type { StreamDefinition } from '@countersign/kernel';
import { DUTY, inventorySchema } from '../event-schema.js';
import { mentions } from '../links.js';
import { evolveLedger, type StockState } from './ledger.js';
import type { StockEvent } from './stock-events.js';
import { STOCK_UPCASTERS, UNITS_FREED, UNITS_HELD } from './stock.upcasters.js';

const ENTRY_FIELDS = [
  'ric',
  'nsn',
  'documentIdentifier',
  'documentNumber',
  'year',
  'suffix',
  'condition',
  'quantity',
  'unitOfIssue',
  'uiis',
  'organisationId',
];
const RECEIPT_FIELDS = [...ENTRY_FIELDS, 'supplierCage', 'piid', 'shipmentNumber', 'clin'];
const POSTED_BY = { postedBy: DUTY } as const;

/** `stock/<RIC>/<NIIN>`: all conditions and lots, so that moving materiel between them is one event of one stream. */
export const STOCK: StreamDefinition<StockState, StockEvent> = {
  category: 'stock',
  initial: { status: 'NONE' },
  evolve: evolveLedger,
  schemas: {
    MaterielReceiptPosted: inventorySchema('MaterielReceiptPosted', RECEIPT_FIELDS, POSTED_BY),
    SuspectMaterielPosted: inventorySchema('SuspectMaterielPosted', [...RECEIPT_FIELDS, 'reasons'], POSTED_BY),
    MaterielIssued: inventorySchema('MaterielIssued', [...ENTRY_FIELDS, 'tcn', 'piece', 'requisitioner']),
    TransactionReversed: inventorySchema('TransactionReversed', [
      ...ENTRY_FIELDS,
      'original',
      'reason',
      'piid',
      'shipmentNumber',
      'clin',
      'tcn',
      'piece',
    ]),
    UnitsHeld: UNITS_HELD,
    UnitsFreed: UNITS_FREED,
  },
  upcasters: STOCK_UPCASTERS,
  links: (event) => [
    ...mentions('nsn', event.data.nsn),
    ...mentions('uii', ...event.data.uiis),
    ...('documentNumber' in event.data ? mentions('document-number', event.data.documentNumber) : []),
    ...('piid' in event.data ? mentions('piid', event.data.piid) : []),
    ...('tcn' in event.data ? mentions('tcn', event.data.tcn) : []),
  ],
};

export function stockKey(ric: string, niin: string): string {
  return `${ric}/${niin}`;
}
