/** Every limit of this package, with its unit. */
export const LIMITS = {
  /** Time a part may take to get ready on a loaded two-core machine. */
  partReadyMs: 60_000,
  serviceReadyMs: 60_000,
  /** Time after the stop signal before a process group is killed. */
  partStopMs: 20_000,
  serviceStopMs: 15_000,
  /** Pause between two looks at a condition. */
  pollMs: 50,
  /** After taking a data directory: time in which another program that takes it in the same moment shows. */
  ownerSettleMs: 100,
  /** Time to wait for a leftover of an earlier run to end before it is killed. */
  leftoverStopMs: 10_000,
  initDatabaseMs: 120_000,
  migrateMs: 120_000,
  /** Lines of a log shown when its process fails. */
  logTailLines: 12,
  httpProbeMs: 2_000,
  /** Ports are chosen below the range that the kernel hands out to outgoing connections. */
  portFirst: 20_000,
  portLast: 29_999,
  portTries: 200,
} as const;
