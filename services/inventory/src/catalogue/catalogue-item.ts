import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { inventorySchema } from '../event-schema.js';
import { identifies } from '../links.js';

export interface ItemReference {
  readonly cage: string;
  readonly partNumber: string;
}

export type ItemRegistered = DomainEvent<
  'ItemRegistered',
  {
    readonly nsn: string;
    readonly itemName: string;
    readonly unitOfIssue: string;
    readonly controlledItemCode: string;
    readonly demilitarisationCode: string;
    readonly serialManaged: boolean;
    readonly references: readonly ItemReference[];
  }
>;

export type CatalogueState = { readonly status: 'NONE' } | ({ readonly status: 'ACTIVE' } & ItemRegistered['data']);
export type RegisteredItem = Extract<CatalogueState, { status: 'ACTIVE' }>;

/** `catalogue/<NIIN>` */
export const CATALOGUE_ITEM: StreamDefinition<CatalogueState, ItemRegistered> = {
  category: 'catalogue',
  initial: { status: 'NONE' },
  evolve: (_state, event) => ({ status: 'ACTIVE', ...event.data }),
  schemas: {
    ItemRegistered: inventorySchema('ItemRegistered', [
      'nsn',
      'itemName',
      'unitOfIssue',
      'controlledItemCode',
      'demilitarisationCode',
      'serialManaged',
      'references',
    ]),
  },
  links: (event) => [identifies('nsn', event.data.nsn)],
};
