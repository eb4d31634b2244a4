import { DomainError } from '@countersign/kernel';
import type { AssetDelivered, AssetIssued, AssetState } from './asset.js';

/** @throws DomainError ASSET_NOT_IN_STOCK, ASSET_HELD */
export function issueAsset(state: AssetState, issue: AssetIssued['data'], field: string): AssetIssued {
  if (state.status !== 'IN_STOCK' || state.ric !== issue.ric) throw new DomainError('ASSET_NOT_IN_STOCK', { field });
  if (state.hold.kind !== 'NONE') throw new DomainError('ASSET_HELD', { field });
  return { type: 'AssetIssued', data: issue };
}

/** The shipment unit it travelled in was delivered. @throws DomainError DELIVERY_DIFFERS */
export function deliverAsset(state: AssetState, delivery: AssetDelivered['data'], field: string): AssetDelivered {
  if (state.status !== 'ISSUED' || state.tcn !== delivery.tcn) throw new DomainError('DELIVERY_DIFFERS', { field });
  return { type: 'AssetDelivered', data: delivery };
}
