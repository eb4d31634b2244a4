import type { DueInState, ShipmentExpected } from './due-in.js';

/** A notice is expected once; its repeat adds nothing. */
export function expectShipment(state: DueInState, announced: ShipmentExpected['data']): readonly ShipmentExpected[] {
  return state.status === 'NONE' ? [{ type: 'ShipmentExpected', data: announced }] : [];
}
