/** What may happen to materiel in a condition: issued, repaired or disposed of, or nothing until it is judged. */
export type ConditionGroup = 'serviceable' | 'unserviceable' | 'suspended';

/** Supply condition codes (SCC). I is never assigned. */
export const SUPPLY_CONDITIONS = {
  A: { group: 'serviceable', name: 'issuable without qualification' },
  B: { group: 'serviceable', name: 'issuable with qualification' },
  C: { group: 'serviceable', name: 'priority issue' },
  D: { group: 'serviceable', name: 'test or modification' },
  E: { group: 'unserviceable', name: 'limited restoration' },
  F: { group: 'unserviceable', name: 'reparable' },
  G: { group: 'unserviceable', name: 'incomplete' },
  H: { group: 'unserviceable', name: 'condemned' },
  J: { group: 'suspended', name: 'suspended in stock' },
  K: { group: 'suspended', name: 'suspended returns' },
  L: { group: 'suspended', name: 'suspended litigation' },
  M: { group: 'suspended', name: 'suspended in work' },
  N: { group: 'suspended', name: 'ammunition for emergency combat use only' },
  P: { group: 'unserviceable', name: 'reclamation' },
  Q: { group: 'suspended', name: 'product quality deficiency' },
  R: { group: 'suspended', name: 'reclaimed, awaiting determination' },
  S: { group: 'unserviceable', name: 'scrap' },
  T: { group: 'serviceable', name: 'ammunition for training only' },
  V: { group: 'unserviceable', name: 'waste military munitions' },
  W: { group: 'unserviceable', name: 'warranty' },
  X: { group: 'suspended', name: 'repair decision' },
} as const satisfies Record<string, { readonly group: ConditionGroup; readonly name: string }>;

/** The conditions from which materiel is issued without a waiver (invariant I2). */
export const ISSUABLE_CONDITIONS = ['A', 'B', 'C'] as const;
