import type { Alert, AssetState, CloneAlert, HoldPlaced } from './asset.js';

/** A presentation of a UII that cannot be true, and who recorded it. */
export interface Suspicion {
  readonly uii: string;
  readonly nsn: string;
  readonly year: number;
  readonly alert: Alert;
  readonly placedBy: string;
  readonly placedAt: string;
}

/** The alert, and a hold unless one is placed: both items of the UII are stopped (invariant A2). */
export function suspect(
  state: AssetState,
  { uii, nsn, year, alert, placedBy, placedAt }: Suspicion,
): readonly (CloneAlert | HoldPlaced)[] {
  const known =
    state.status === 'NONE' ? { knownStatus: 'NONE', knownRic: '' } : { knownStatus: state.status, knownRic: state.ric };
  const cloneAlert: CloneAlert = { type: 'CloneAlert', data: { uii, nsn, year, ...alert, ...known } };
  if (state.status !== 'NONE' && state.hold.kind !== 'NONE') return [cloneAlert];
  return [cloneAlert, { type: 'HoldPlaced', data: { uii, hold: 'SUSPECT_COUNTERFEIT', placedBy, placedAt } }];
}
