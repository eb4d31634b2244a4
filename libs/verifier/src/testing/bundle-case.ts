import type { Writable } from '../bundle.builders.js';
import type { Bundle } from '../bundle.js';
import type { EvidenceOptions } from '../evidence.builders.js';
import type { CheckId, Verdict } from '../report.js';
import type { Trust } from '../trust.js';

/** A pair of files, and what every verifier must say of them. */
export interface BundleCase {
  readonly name: string;
  readonly bundle: Buffer;
  readonly trust: string;
  readonly at?: string;
  /** Undefined if a file is unreadable (exit code 2). */
  readonly verdict?: Verdict;
  /** The checks that fail, each once, in alphabetical order. */
  readonly fails: readonly CheckId[];
}

/** How a case differs from honest evidence. */
export interface Change {
  readonly name: string;
  readonly build?: EvidenceOptions;
  readonly bundle?: (bundle: Writable<Bundle>) => unknown;
  readonly trust?: (trust: Writable<Trust>) => unknown;
  /** Null to name none. */
  readonly at?: string | null;
  readonly verdict: Verdict;
  readonly fails: readonly CheckId[];
}

/** A deep copy with one change: what somebody would hand over who knows the format. */
export function changed<T>(value: T, change: ((copy: Writable<T>) => unknown) | undefined): T {
  const copy = JSON.parse(JSON.stringify(value)) as Writable<T>;
  change?.(copy);
  return copy as T;
}
