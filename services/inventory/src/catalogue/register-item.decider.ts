import { DomainError, type ControlledItemCode, type DemilitarisationCode, type Nsn, type UnitOfIssue } from '@countersign/kernel';
import type { CatalogueState, ItemReference, ItemRegistered } from './catalogue-item.js';

export interface RegisterItem {
  readonly nsn: Nsn;
  readonly itemName: string;
  readonly unitOfIssue: UnitOfIssue;
  readonly controlledItemCode: ControlledItemCode;
  readonly demilitarisationCode: DemilitarisationCode;
  readonly serialManaged: boolean;
  readonly references: readonly ItemReference[];
}

/** @throws DomainError ITEM_EXISTS */
export function registerItem(state: CatalogueState, command: RegisterItem): ItemRegistered {
  if (state.status !== 'NONE')
    throw new DomainError('ITEM_EXISTS', { field: 'nsn', rule: 'an item is registered once for its NIIN' });
  return { type: 'ItemRegistered', data: command };
}
