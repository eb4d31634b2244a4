import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { inventorySchema } from '../event-schema.js';
import { mentions } from '../links.js';

/** Identity named the organisation that a RIC belongs to. */
export type StorageNoted = DomainEvent<'StorageNoted', { readonly ric: string; readonly organisationId: string }>;

export type StorageState = { readonly status: 'NONE' } | { readonly status: 'KNOWN'; readonly organisationId: string };

/** `storage/<RIC>` */
export const STORAGE: StreamDefinition<StorageState, StorageNoted> = {
  category: 'storage',
  initial: { status: 'NONE' },
  evolve: (_state, event) => ({ status: 'KNOWN', organisationId: event.data.organisationId }),
  schemas: { StorageNoted: inventorySchema('StorageNoted', ['ric', 'organisationId']) },
  links: (event) => mentions('organisation', event.data.organisationId),
};
