/** Priority designator by force/activity designator and urgency of need (UMMIPS). */
export const PRIORITY_MATRIX = {
  I: { A: '01', B: '04', C: '11' },
  II: { A: '02', B: '05', C: '12' },
  III: { A: '03', B: '06', C: '13' },
  IV: { A: '07', B: '09', C: '14' },
  V: { A: '08', B: '10', C: '15' },
} as const satisfies Record<string, Readonly<Record<'A' | 'B' | 'C', string>>>;

/** Force/activity designator. */
export type ForceActivityDesignator = keyof typeof PRIORITY_MATRIX;
/** Urgency of need designator. */
export type UrgencyOfNeed = 'A' | 'B' | 'C';
