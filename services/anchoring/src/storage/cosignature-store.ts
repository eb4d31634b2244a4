import type { LogNo } from './stores.js';

/** A witness's line over a checkpoint of ours. It was verified with the pinned key before. */
export interface Cosignature {
  /** Name and id of the witness's key. */
  readonly name: string;
  readonly keyId: number;
  /** What the witness says when, seconds since the epoch. */
  readonly time: number;
  /** The signature line, with its newline. */
  readonly line: string;
}

export interface CosignedSize {
  readonly size: number;
  readonly cosignatures: readonly Cosignature[];
}

/** Cosignatures beside the checkpoints they are over. Append-only. */
export interface CosignatureStore {
  /** Durable when it resolves. Idempotent: the first line of a key over a checkpoint stays. The checkpoint MUST be stored. */
  add(logNo: LogNo, size: number, cosignature: Cosignature): Promise<void>;
  /** Those over the checkpoint of exactly this size, in the order in which they came. */
  at(logNo: LogNo, size: number): Promise<readonly Cosignature[]>;
  /** The largest checkpoints that have any, largest first. */
  latest(logNo: LogNo, limit: number): Promise<readonly CosignedSize[]>;
  /** The largest checkpoint that this key cosigned; 0 if there is none. */
  latestOf(logNo: LogNo, name: string, keyId: number): Promise<number>;
}
