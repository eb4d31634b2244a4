/**
 * Supply status codes in use here. The grammar is wider (`^[A-Z][0-9A-Z]$` without I and O); an unknown code is
 * quarantined, never defaulted. C_ and D_ codes are rejects.
 */
export const SUPPLY_STATUSES = {
  BA: 'release in process',
  BB: 'back-ordered',
  BC: 'substitute offered',
  BD: 'delayed for verification',
  BF: 'no record',
  BM: 'passed to another activity',
  BV: 'on procurement',
  CA: 'rejected, see remarks',
} as const satisfies Record<string, string>;
