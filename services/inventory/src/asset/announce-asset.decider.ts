import type { AssetDueIn, AssetEvent, AssetState } from './asset.js';
import { suspect } from './suspicion.js';

export interface AnnounceAsset {
  readonly asset: AssetDueIn['data'];
  /** Who recorded the announcement, for a hold. */
  readonly placedBy: string;
  readonly placedAt: string;
}

/**
 * An announced item is on its way. Never refuses: an announcement of an item that is known to be elsewhere is an alert
 * (invariants A1, A2); the repeat of the same announcement adds nothing.
 */
export function announceAsset(state: AssetState, { asset, placedBy, placedAt }: AnnounceAsset): readonly AssetEvent[] {
  if (state.status === 'NONE' || state.status === 'EXPECTED_NOWHERE') return [{ type: 'AssetDueIn', data: asset }];
  if (state.piid === asset.piid && state.shipmentNumber === asset.shipmentNumber) return [];
  const { uii, nsn, supplierCage } = asset;
  return suspect(state, {
    uii,
    nsn,
    year: 0,
    placedBy,
    placedAt,
    alert: { reason: 'ANNOUNCED_TWICE', ric: '', documentNumber: '', supplierCage },
  });
}
