import type { DomainEvent, StreamDefinition } from '@countersign/kernel';
import { ORDER, type OrderEvent, type OrderPlaced, type Parties, type PlacedOrder } from './order.js';

/** The state after a history. Histories are built from events, never from state. */
export function given<State, Event extends DomainEvent>(definition: StreamDefinition<State, Event>, ...history: Event[]): State {
  return history.reduce((state, event) => definition.evolve(state, event), definition.initial);
}

export const PIID = 'W99CT126C0017';
export const PARTIES: Parties = { buyer: 'usa-depot', supplier: 'deu-supplier', consignee: 'usa-depot' };

/** Four inertial units at 48,250.00 EUR. */
export function orderPlaced(): OrderPlaced {
  return {
    type: 'OrderPlaced',
    data: {
      piid: PIID,
      supplierCage: 'D9X91',
      shipTo: { dodaac: 'W99DP1', ric: 'Z9D' },
      parties: PARTIES,
      lines: [{ clin: '0001', nsn: '6615129999901', partNumber: 'IMU7700-3', quantity: 4, unitOfIssue: 'EA' }],
      prices: [{ clin: '0001', amount: '48250.00', currency: 'EUR' }],
    },
  };
}

/** @throws Error if the history does not begin with the order */
export function placedOrder(...further: OrderEvent[]): PlacedOrder {
  const state = given(ORDER, orderPlaced(), ...further);
  if (state.status === 'NONE') throw new Error('no order');
  return state;
}
