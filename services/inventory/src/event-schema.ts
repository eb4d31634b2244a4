import type { EventSchema } from '@countersign/kernel';

/** Who may read what a logistics record says: the organisations that share its stream. */
const LOGISTICS = { group: 'logistics' } as const;

/** Who did it, for the rule that two duties need two persons. A personal group: no evidence door opens it, to no organisation. */
export const DUTY = { group: 'personal-duty' } as const;

/**
 * Schema of an inventory event. Nothing is public: subject and type route a record, its content is a disclosure.
 * @param fields of the logistics release group
 * @param others fields of other release groups
 */
export function inventorySchema(
  name: string,
  fields: readonly string[],
  others: EventSchema['fields'] = {},
  version = 1,
): EventSchema {
  return {
    type: `countersign.inventory.${name}.v${version}`,
    fields: { ...Object.fromEntries(fields.map((field) => [field, LOGISTICS])), ...others },
  };
}
