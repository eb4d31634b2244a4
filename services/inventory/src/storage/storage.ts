import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { inventorySchema } from '../event-schema.js';
import { mentions } from '../links.js';

interface Holding {
  readonly ric: string;
  readonly organisationId: string;
}

/** Identity named the organisation that a RIC belongs to. */
export type StorageNoted = DomainEvent<'StorageNoted', Holding>;
/** Identity took the RIC from it. */
export type StorageWithdrawn = DomainEvent<'StorageWithdrawn', Holding>;

export type StorageEvent = StorageNoted | StorageWithdrawn;

export type StorageState = { readonly status: 'NONE' } | { readonly status: 'KNOWN'; readonly organisationId: string };

/** `storage/<RIC>` */
export const STORAGE: StreamDefinition<StorageState, StorageEvent> = {
  category: 'storage',
  initial: { status: 'NONE' },
  evolve: (_state, { type, data }) =>
    type === 'StorageNoted' ? { status: 'KNOWN', organisationId: data.organisationId } : { status: 'NONE' },
  schemas: {
    StorageNoted: inventorySchema('StorageNoted', ['ric', 'organisationId']),
    StorageWithdrawn: inventorySchema('StorageWithdrawn', ['ric', 'organisationId']),
  },
  links: (event) => mentions('organisation', event.data.organisationId),
};
