/** What one variant did in its measured seconds. Printed as one JSON line for each variant and round. */
export interface Measurement {
  readonly variant: string;
  /** Commands under way at the same time in a closed loop; in an open loop the bound. */
  readonly concurrency: number;
  /** Commands offered per second, for an open loop only. */
  readonly rate?: number;
  /** Accepted, i.e. durable and answered (or whatever the variant counts: proofs, rows, hashes). */
  readonly eventsPerSecond: number;
  /** Milliseconds. Closed loop: from the call; open loop: from the intended start. Absent where the variant has no single calls. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly p999Ms?: number;
  readonly maxMs?: number;
  /** Seconds of processor time within the measured time, per process: `process` is the variant itself, `postgres` its server. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Answers that were refusals or failures. */
  readonly errors: number;
  /** What the first of them said. */
  readonly firstError?: string;
  /** Acknowledged, but not found afterwards. */
  readonly lost: number;
  /** Found more often than once. */
  readonly doubled: number;
  /** Whether everything that had to be checked after timing was checked and held. Without it the run has no number. */
  readonly verified: boolean;
  /** What went wrong with the verification, in one sentence. */
  readonly refused?: string;
  /** What it stores per event: bytes, rows, indexes. */
  readonly stores: string;
  /** Whatever else the row judges or shows (memory in bytes, queries per second, …). */
  readonly figures?: Readonly<Record<string, number>>;
  /** Settings of this variant that a reader needs to judge it. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Whether a measurement may give a number: something was done, nothing lost, nothing doubled, everything checked. */
export function counts(measurement: Measurement): boolean {
  return measurement.verified && measurement.eventsPerSecond > 0 && measurement.lost === 0 && measurement.doubled === 0;
}
