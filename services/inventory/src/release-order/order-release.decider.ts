import type { ReleaseOrdered, ReleaseOrderState } from './release-order.js';

/** A release is ordered once; its repeat adds nothing. */
export function orderRelease(state: ReleaseOrderState, released: ReleaseOrdered['data']): readonly ReleaseOrdered[] {
  return state.status === 'NONE' ? [{ type: 'ReleaseOrdered', data: released }] : [];
}
