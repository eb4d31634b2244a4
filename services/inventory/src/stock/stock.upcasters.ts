import type { EventSchema, Upcaster } from '@countersign/kernel';
import type { HoldKind } from '../asset/asset.js';
import { inventorySchema } from '../event-schema.js';

const UNITS_FIELDS_V1 = ['ric', 'nsn', 'uiis'];
const UNITS_FIELDS = [...UNITS_FIELDS_V1, 'hold'];

export const UNITS_HELD = inventorySchema('UnitsHeld', UNITS_FIELDS, {}, 2);
export const UNITS_FREED = inventorySchema('UnitsFreed', UNITS_FIELDS, {}, 2);

/** The only reason there was for a hold while version 1 was written. */
const HOLD_OF_V1: HoldKind = 'SUSPECT_COUNTERFEIT';

/** Version 1 said that items are held, not why. */
function withHold(name: string, { type }: EventSchema): Upcaster {
  return {
    schema: inventorySchema(name, UNITS_FIELDS_V1),
    upcast: (data) => [{ type, data: { ...data, hold: HOLD_OF_V1 } }],
  };
}

/** Earlier versions of the ledger's events. */
export const STOCK_UPCASTERS: readonly Upcaster[] = [withHold('UnitsHeld', UNITS_HELD), withHold('UnitsFreed', UNITS_FREED)];
