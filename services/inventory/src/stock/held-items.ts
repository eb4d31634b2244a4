import { PersistentMap, PersistentSet } from '@countersign/kernel';

/** The serial-managed items of a ledger, and which of them must not be issued. */
export interface HeldItems {
  /** Condition of every item on hand, by UII. */
  readonly items: PersistentMap<string, string>;
  /** UIIs that must not be issued; an item may be held before it is on hand. */
  readonly held: PersistentSet<string>;
  /** How many items on hand are held, by condition. */
  readonly heldIn: PersistentMap<string, number>;
}

export const NO_ITEMS: HeldItems = {
  items: PersistentMap.empty(),
  held: PersistentSet.empty(),
  heldIn: PersistentMap.empty(),
};

/** Items that are on hand in a condition from now on, or with `undefined` not any more. */
export function placed({ items, held, heldIn }: HeldItems, uiis: readonly string[], condition: string | undefined): HeldItems {
  return uiis.reduce((kept, uii) => placedOne(kept, uii, condition), { items, held, heldIn });
}

/** Items that are held from now on, or not any more. */
export function marked({ items, held, heldIn }: HeldItems, uiis: readonly string[], isHeld: boolean): HeldItems {
  return uiis.reduce((kept, uii) => markedOne(kept, uii, isHeld), { items, held, heldIn });
}

function placedOne({ items, held, heldIn }: HeldItems, uii: string, condition: string | undefined): HeldItems {
  return {
    items: condition === undefined ? items.delete(uii) : items.set(uii, condition),
    held,
    heldIn: held.has(uii) ? counted(counted(heldIn, items.get(uii), -1), condition, 1) : heldIn,
  };
}

function markedOne({ items, held, heldIn }: HeldItems, uii: string, isHeld: boolean): HeldItems {
  if (held.has(uii) === isHeld) return { items, held, heldIn };
  return {
    items,
    held: isHeld ? held.add(uii) : held.delete(uii),
    heldIn: counted(heldIn, items.get(uii), isHeld ? 1 : -1),
  };
}

function counted(counts: HeldItems['heldIn'], condition: string | undefined, change: number): HeldItems['heldIn'] {
  return condition === undefined ? counts : counts.set(condition, (counts.get(condition) ?? 0) + change);
}
