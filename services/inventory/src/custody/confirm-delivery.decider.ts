import { DomainError, type Quantity } from '@countersign/kernel';
import type { DeliveryConfirmed, ExistingCustody } from './custody.js';

export interface ConfirmDelivery {
  readonly organisationId: string;
  readonly quantity: Quantity;
  readonly uiis: readonly string[];
}

/** @throws DomainError CUSTODY_NOT_HELD, DELIVERY_DIFFERS */
export function confirmDelivery(state: ExistingCustody, command: ConfirmDelivery): DeliveryConfirmed {
  const { tcn, piece, uiis, documentNumber, year, nsn, quantity, unitOfIssue, requisitioner } = state.unit;
  const holds = state.status === 'HELD' && state.holder === command.organisationId;
  if (!holds || requisitioner !== command.organisationId) throw new DomainError('CUSTODY_NOT_HELD', { field: 'unit' });
  if (quantity !== command.quantity) throw new DomainError('DELIVERY_DIFFERS', { field: 'quantity' });
  if (!sameItems(uiis, command.uiis)) throw new DomainError('DELIVERY_DIFFERS', { field: 'uiis' });
  return {
    type: 'DeliveryConfirmed',
    data: { tcn, piece, uiis, holder: state.holder, documentNumber, year, nsn, quantity, unitOfIssue },
  };
}

function sameItems(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && new Set([...left, ...right]).size === left.length;
}
