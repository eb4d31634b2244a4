import type { KeyObject } from 'node:crypto';
import type { ItemKeys } from '@countersign/record';
import type { Json } from './json.js';

/** A record to be, without its link to the one before. */
export interface LeafPlan {
  readonly streamId: string;
  /** Members of the header but `prev`. */
  readonly header: { [name: string]: Json };
  /** All disclosures of the record; the first half are given, the others withheld. */
  readonly disclosures: readonly string[];
}

/** A log with its secrets: whoever holds it can sign and commit anything. */
export interface LogPlan {
  readonly origin: string;
  readonly logId: Buffer;
  readonly registration: Buffer;
  /** First to current. */
  readonly logKeys: readonly KeyObject[];
  readonly headsKeys: readonly KeyObject[];
  readonly itemKeys: ItemKeys;
  readonly leaves: readonly LeafPlan[];
  /** What the first record of each stream names as its predecessor's digest, in a log that continues another. */
  readonly firstPrev?: string;
  readonly shows: Shown;
}

/** What a bundle shows of a log beside its records. */
export interface Shown {
  /** Leaves that are given as their entries alone. */
  readonly bare?: readonly number[];
  /** Earlier heads, with or without their checkpoints. */
  readonly earlier?: readonly { readonly size: number; readonly isSigned: boolean }[];
  /** How many map checkers cosigned the heads checkpoint; without it the bundle holds none. */
  readonly mapCheckers?: number;
  /** How many witnesses cosigned the base checkpoint. */
  readonly witnesses?: number;
  /** Streams that the log does not hold. */
  readonly absent?: readonly string[];
}
