/** Limits of a mirror. */
export const MIRROR_LIMITS = {
  /** Entries asked for, read and hashed at a time. */
  entriesAtOnce: 4_096,
} as const;
